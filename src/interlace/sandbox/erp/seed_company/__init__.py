"""The demo company of the embedded ERP: a furniture wholesaler, generated, the same every time.

`seed_company()` yields its rows, `seed_users()` lists the sales people who are users of the CRM, and
`intended_failures()` names every record that is meant to cause trouble. Pure: no files, no clock, no
randomness.
"""

from interlace.sandbox.erp.seed_company.calendar import WORK_DATE
from interlace.sandbox.erp.seed_company.company import COMPANY_NAME, seed_company
from interlace.sandbox.erp.seed_company.failing_documents import failing_documents
from interlace.sandbox.erp.seed_company.intended_failures import IntendedFailure, Outcome, intended_failures
from interlace.sandbox.erp.seed_company.salespeople import SeedUser, seed_users

__all__ = [
    "COMPANY_NAME",
    "WORK_DATE",
    "IntendedFailure",
    "Outcome",
    "SeedUser",
    "failing_documents",
    "intended_failures",
    "seed_company",
    "seed_users",
]

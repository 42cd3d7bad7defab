"""A small sales app on the embedded CRM: what a salesperson sees, served below `/app/`.

Pages read the organization's records directly; everything they write goes through the Web API's own code
as the signed-in user.
"""

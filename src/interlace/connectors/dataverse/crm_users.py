"""Users of the CRM and their roles: who we are, who the integration's account is, what it holds, giving it roles."""

from dataclasses import dataclass

import msgspec

from interlace.connectors.dataverse.administration import Administration
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import translatable

SYSTEM_ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"
SYSTEM_CUSTOMIZER = "119f245c-3cc8-4b62-b31c-d1a046ced15d"
"""Templates of the roles that every organization has, whatever they are called there."""
NON_INTERACTIVE = 4
_COLUMNS = (
    "systemuserid,fullname,internalemailaddress,domainname,isdisabled,accessmode,applicationid,"
    "isintegrationuser,_businessunitid_value"
)
_OWNER_TEAM = 0
_TEAM_ROLES = "teamroles_association($select=roleid,name,_roletemplateid_value)"
_ROLES = "systemuserroles_association($select=roleid,name,_roletemplateid_value)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmUser:
    """One user with the roles that he holds himself."""

    id: str
    name: str
    business_unit: str
    disabled: bool
    access_mode: int
    is_application: bool
    is_integration_user: bool
    """The CRM knows that an ERP writes through him: his documents keep the amounts that they come with."""
    roles: tuple[str, ...]
    role_templates: frozenset[str]

    @property
    def is_administrator(self) -> bool:
        """Whether he may do everything."""
        return SYSTEM_ADMINISTRATOR in self.role_templates


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmTeam:
    """A team that may own records, with its roles."""

    id: str
    name: str
    roles: tuple[str, ...]


class _Role(msgspec.Struct):
    roleid: str
    name: str
    template: str | None = msgspec.field(name="_roletemplateid_value", default=None)


class _User(msgspec.Struct):
    systemuserid: str
    fullname: str | None = None
    internalemailaddress: str | None = None
    domainname: str | None = None
    isdisabled: bool | None = False
    accessmode: int | None = 0
    applicationid: str | None = None
    isintegrationuser: bool | None = False
    unit: str = msgspec.field(name="_businessunitid_value", default="")
    roles: list[_Role] = msgspec.field(name="systemuserroles_association", default_factory=list)


class _Users(msgspec.Struct):
    value: list[_User]


class _Roles(msgspec.Struct):
    value: list[_Role]


class _Caller(msgspec.Struct):
    UserId: str
    OrganizationId: str = ""


class _Team(msgspec.Struct):
    teamid: str
    name: str
    roles: list[_Role] = msgspec.field(name="teamroles_association", default_factory=list)


class _Teams(msgspec.Struct):
    value: list[_Team]


class _Currency(msgspec.Struct):
    isocurrencycode: str


class _Organization(msgspec.Struct):
    currency: _Currency = msgspec.field(name="basecurrencyid")


class CrmUsers:
    """The users of one organization."""

    def __init__(self, administration: Administration) -> None:
        self._crm = administration

    async def caller(self) -> CrmUser:
        """Return whoever the requests are signed in as."""
        return await self.user(await self.caller_id())

    async def caller_id(self) -> str:
        """Return the id of whoever the requests are signed in as; everybody may ask that."""
        caller = await self._crm.read("WhoAmI", _Caller)
        return caller.UserId.lower()

    async def user(self, user_id: str) -> CrmUser:
        """Return a user that is known to be there."""
        return _user(await self._crm.read(f"systemusers({user_id})", _User, select=_COLUMNS, expand=_ROLES))

    async def of_application(self, client_id: str) -> CrmUser | None:
        """Find the user of an app registration."""
        return await self._found(f"applicationid eq {client_id}")

    async def named(self, name: str) -> CrmUser | None:
        """Find a person by e-mail address or sign-in name."""
        quoted = "'" + name.replace("'", "''") + "'"
        return await self._found(f"internalemailaddress eq {quoted} or domainname eq {quoted}")

    async def add_application(self, client_id: str, business_unit: str) -> CrmUser | None:
        """Make a user for an app registration, as an administrator does in the admin center."""
        body = {
            "applicationid": client_id,
            "businessunitid@odata.bind": f"/businessunits({business_unit})",
        }
        await self._crm.perform("systemusers", body, translatable("make a user for the application"))
        return await self.of_application(client_id)

    async def role(self, name: str, business_unit: str) -> str | None:
        """Find a role of a business unit by name; each unit has its own copy of it."""
        quoted = "'" + name.replace("'", "''") + "'"
        found = await self._crm.read(
            "roles",
            _Roles,
            select="roleid,name,_roletemplateid_value",
            filter=f"name eq {quoted} and _businessunitid_value eq {business_unit}",
        )
        return next((each.roleid for each in found.value), None)

    async def give(self, user: CrmUser, role: str, name: str) -> None:
        """Give a user a role."""
        path = f"systemusers({user.id})/systemuserroles_association/$ref"
        await self._crm.perform(
            path,
            self._crm.reference(f"roles({role})"),
            translatable("give {user} the role {role}", user=user.name, role=name),
        )

    async def mark_as_integration(self, user: CrmUser) -> None:
        """Have the CRM know that an ERP writes through a user."""
        deed = translatable("mark {user} as the integration user", user=user.name)
        await self._crm.change(f"systemusers({user.id})", {"isintegrationuser": True}, deed)

    async def base_currency(self) -> str:
        """Return the code of the currency that the organization keeps its books in."""
        caller = await self._crm.read("WhoAmI", _Caller)
        path = f"organizations({caller.OrganizationId})"
        expand = "basecurrencyid($select=isocurrencycode)"
        organization = await self._crm.read(path, _Organization, select="organizationid", expand=expand)
        return organization.currency.isocurrencycode

    async def team(self, name: str, business_unit: str) -> CrmTeam | None:
        """Find a team of a business unit by name."""
        quoted = "'" + name.replace("'", "''") + "'"
        found = await self._crm.read(
            "teams",
            _Teams,
            select="teamid,name",
            expand=_TEAM_ROLES,
            filter=f"name eq {quoted} and _businessunitid_value eq {business_unit}",
        )
        return next((_team(each) for each in found.value), None)

    async def add_team(self, name: str, business_unit: str, administrator: CrmUser) -> CrmTeam:
        """Make a team that may own records; every team has somebody who administers it."""
        body = {
            "name": name,
            "teamtype": _OWNER_TEAM,
            "businessunitid@odata.bind": f"/businessunits({business_unit})",
            "administratorid@odata.bind": f"/systemusers({administrator.id})",
        }
        await self._crm.perform("teams", body, translatable("make the team {team}", team=name))
        made = await self.team(name, business_unit)
        if made is None:
            raise ServiceMismatch(
                translatable(
                    "The CRM reported no error, but has no team {team}. Make it there by hand.", team=name
                )
            )
        return made

    async def give_team(self, team: CrmTeam, role: str, name: str) -> None:
        """Give a team a role."""
        path = f"teams({team.id})/teamroles_association/$ref"
        reference = self._crm.reference(f"roles({role})")
        await self._crm.perform(
            path, reference, translatable("give the team {team} the role {role}", team=team.name, role=name)
        )

    async def _found(self, condition: str) -> CrmUser | None:
        found = await self._crm.read(
            "systemusers", _Users, select=_COLUMNS, expand=_ROLES, filter=condition, top="2"
        )
        return next((_user(each) for each in found.value), None)


def _team(found: _Team) -> CrmTeam:
    return CrmTeam(id=found.teamid.lower(), name=found.name, roles=tuple(role.name for role in found.roles))


def _user(found: _User) -> CrmUser:
    return CrmUser(
        id=found.systemuserid.lower(),
        name=found.fullname or found.internalemailaddress or found.domainname or found.systemuserid,
        business_unit=found.unit,
        disabled=bool(found.isdisabled),
        access_mode=found.accessmode or 0,
        is_application=found.applicationid is not None,
        is_integration_user=bool(found.isintegrationuser),
        roles=tuple(role.name for role in found.roles),
        role_templates=frozenset(role.template.lower() for role in found.roles if role.template),
    )

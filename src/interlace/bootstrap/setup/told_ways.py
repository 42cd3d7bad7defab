"""What nobody has to say of a sign-in: what else was told says which way is meant."""

from collections.abc import Collection, Mapping

from interlace.bootstrap.connection_settings import (
    CRM_CERTIFICATE,
    ERP_CERTIFICATE,
    ERP_PASSWORD,
    ConnectionSettings,
    SignInMethod,
)
from interlace.bootstrap.setup.question import way_of
from interlace.domain.side import Side


def ways_told(
    given: Mapping[str, object], secrets: Collection[str], held: ConnectionSettings | None = None
) -> dict[str, str]:
    """Tell how to sign in by what else was given, where that wasn't said: an authority means the directory.

    A user alone does not say how he signs in, nor an authority how an application does: what is `held` stays then.
    """
    told = {}
    for side in Side:
        field = f"{side.value}_authentication"
        way = None if field in given else _way_told(side, given, secrets)
        before = None if held is None else way_of(held, side)
        if way is None or (before is not None and _says_nothing_new(way, before)):
            continue
        told[field] = way.value
    return told


def _way_told(side: Side, given: Mapping[str, object], secrets: Collection[str]) -> SignInMethod | None:
    end = side.value
    if side is Side.ERP and ERP_PASSWORD in secrets:
        return SignInMethod.NTLM
    if (ERP_CERTIFICATE if side is Side.ERP else CRM_CERTIFICATE) in secrets:
        return SignInMethod.CERTIFICATE
    if given.get(f"{end}_authority"):
        return SignInMethod.CLIENT_SECRET
    if given.get(f"{end}_token_url"):
        return SignInMethod.TOKEN_ADDRESS
    return SignInMethod.BASIC if given.get(f"{end}_user") else None


def _says_nothing_new(way: SignInMethod, before: SignInMethod) -> bool:
    if way is SignInMethod.BASIC:
        return before.takes_user
    return way is SignInMethod.CLIENT_SECRET and before.asks_directory

"""What a sign-in service says when it refuses, and what a person does about it, by its published error code."""

import re
from collections.abc import Mapping

from interlace.locale.translatable import as_sentence, translatable

_CODE = re.compile(r"AADSTS(\d+)")
_REMEDIES: Mapping[str, str] = {
    "16000": translatable("Sign in again: the session of the person who signed in has ended."),
    "50034": translatable("Check the user's name: this tenant has no such account."),
    "50055": translatable("The user's password has expired. Let the user change it, then sign in again."),
    "50057": translatable(
        "The user's account is disabled. Enable it in the directory, or sign in as another user."
    ),
    "50059": translatable(
        "Give the address of the sign-in service with the tenant, such as https://login.microsoftonline.com/TENANT."
    ),
    "50076": translatable(
        "The directory asks for a second factor. Sign in again in the browser, with that factor."
    ),
    "50079": translatable(
        "The directory asks for a second factor. Sign in again in the browser, with that factor."
    ),
    "50105": translatable(
        "Assign the user or the application to the enterprise application in the directory."
    ),
    "50126": translatable("Check user name and password."),
    "50173": translatable(
        "Sign in again: the password was changed since, or an administrator ended the session."
    ),
    "53003": translatable(
        "A rule of conditional access forbids it. Ask the directory's administrator to except this application."
    ),
    "65001": translatable(
        "Let an administrator consent to the permissions of the app registration, then try again."
    ),
    "65004": translatable("The person did not agree. Sign in again and accept what Interlace may do."),
    "70008": translatable("Sign in again: the stored sign-in was not used for too long."),
    "70011": translatable("Check the scope, and that the address of the service is the one of this tenant."),
    "70016": translatable("The code was not entered yet. Sign in again and enter it in time."),
    "70018": translatable("The code is not known any more. Sign in again."),
    "70019": translatable("The code was not entered in time. Sign in again."),
    "70043": translatable("Sign in again: a rule of the directory lets sign-ins end after some time."),
    "90002": translatable(
        "Check the tenant in the address of the sign-in service: the directory has none of that name."
    ),
    "90009": translatable("Check the client id: the application asks for a token for itself."),
    "500011": translatable(
        "Check the address of the service, and that it belongs to this tenant: no service of that address "
        "is known there."
    ),
    "500133": translatable(
        "Check this machine's clock: the certificate's assertion is not valid at the sign-in service's time."
    ),
    "700003": translatable("Sign in again: the device that was signed in is gone from the directory."),
    "700016": translatable(
        "Check the client id and the tenant: the app registration must exist in this tenant."
    ),
    "700023": translatable(
        "Check the address of the sign-in service: the certificate's assertion was made for another one."
    ),
    "700024": translatable(
        "Check this machine's clock: the certificate's assertion is not valid at the sign-in service's time."
    ),
    "700027": translatable(
        "Upload the certificate's public part to the app registration, and check that it has not expired."
    ),
    "700030": translatable(
        "The certificate is not registered for this application. Upload its public part to the app registration."
    ),
    "700082": translatable("Sign in again: the stored sign-in was not used for too long."),
    "7000112": translatable(
        "The application is disabled. Enable it in the directory under Enterprise applications."
    ),
    "1000502": translatable(
        "The certificate has expired. Make a new one, upload its public part, and store it in the connection."
    ),
    "1002012": translatable(
        "Check the scope, and that the address of the service is the one of this tenant."
    ),
    "7000215": translatable(
        "Enter the client secret's value, not its id. If it was deleted, make a new one."
    ),
    "7000216": translatable(
        "The app registration has no secret or certificate in the connection. Store one of them."
    ),
    "7000218": translatable(
        "The app registration takes no device codes. Allow public client flows in its settings."
    ),
    "7000222": translatable(
        "The client secret has expired. Make a new one in the app registration and enter its value."
    ),
    "7000229": translatable(
        "Let an administrator of this tenant consent to the application, so that it exists there."
    ),
}
_OF_APPLICATION = frozenset({"50105", "90009", "700016", "7000112", "7000229"})
_OF_TENANT = frozenset({"50059", "90002"})
_OTHERWISE = translatable("Check the connection's client id, its secret and the secret's end date.")


def first_line(said: str) -> str:
    """Return the first sentence lines of a refusal; the further lines are trace numbers."""
    line = said.strip().partition("\n")[0].strip()
    return re.split(r"\s{1,8}Trace ID:", line)[0].rstrip(".")


def known_codes() -> frozenset[str]:
    """Return the codes for which there is a remedy of their own."""
    return frozenset(_REMEDIES)


def remedy_of(said: str) -> str:
    """Return what a person does about a refusal."""
    code = _CODE.search(said)
    return _REMEDIES.get(code[1], _OTHERWISE) if code else _OTHERWISE


def concerns_application(said: str) -> bool:
    """Tell whether a refusal is about which application signs in, not about its secret."""
    code = _CODE.search(said)
    return code is not None and code[1] in _OF_APPLICATION


def concerns_tenant(said: str) -> bool:
    """Tell whether a refusal is about where the sign-in was tried."""
    code = _CODE.search(said)
    return code is not None and code[1] in _OF_TENANT


def refusal(client_id: str, said: str) -> str:
    """Put a refusal into words: who was refused, why, and what to do."""
    return translatable(
        "The sign-in service refused client {client_id}: {said}. {remedy}",
        client_id=client_id,
        said=first_line(said),
        remedy=as_sentence(remedy_of(said)),
    )

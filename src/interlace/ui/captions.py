"""The words that components bring along themselves; everything else is given by the page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """The components' own words; a translation is another value of this type."""

    language: str = "en"
    skip_to_content: str = "Skip to content"
    main_menu: str = "Main menu"
    switch_connection: str = "Switch connection"
    sections: str = "Pages of this part"
    signed_in_as: str = "Signed in as"
    sign_out: str = "Sign out"
    search: str = "Search"
    clear_search: str = "Show all"
    first_page: str = "First"
    previous_page: str = "Previous"
    next_page: str = "Next"
    pages: str = "Pages"
    views: str = "Views"
    shown_of_total: str = "{first}–{last} of {total}"
    back: str = "Back"
    actions: str = "Actions"
    facts: str = "Facts"
    about_this_page: str = "About this page"
    yes: str = "Yes"
    no: str = "No"
    close: str = "Close"
    not_renewed_since: str = "What is shown has not been renewed since {time}."
    look_again: str = "Look again"
    working: str = "Working …"
    dismiss: str = "Dismiss"
    details: str = "Details to copy"
    details_explained: str = "Open what tells the people who help you what happened."
    copy: str = "Copy Details"
    copy_explained: str = "Put the details on the clipboard."
    copied: str = "Copied"
    take_the_tour: str = "Take the Tour"
    tour_explained: str = "Go from part to part of this page and read what each is for."
    stop_of_stops: str = "{number} of {total}"
    stops: tuple[tuple[str, str], ...] = ()
    """Each part that pages may have, by its selector, with what the tour says at it (`ui.tour`)."""
    time_zone: str = "UTC"
    """The reader's, by name: in it the script writes times."""
    keys: str = "Keys"
    key_list: tuple[tuple[str, str, str], ...] = ()
    """Each key, or several at once, with what it does and what a page must have for it (`ui.keys.Key.needs`)."""


ENGLISH = Captions()

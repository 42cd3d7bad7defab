"""`interlace full-synch reset` and `leave-out`: lines are laid out before anything is started."""

from tests.cli.both_ends import Interlace


def mappings(ended_objects: list[dict[str, object]]) -> list[object]:
    """Return the mappings of the lines that were shown."""
    return [each["mapping"] for each in ended_objects if "mapping" in each]


def test_lines_are_laid_out_and_left_out_before_the_start(synchronized: Interlace) -> None:
    """Nothing is started; a line that was left out comes back with the next reset."""
    laid_out = synchronized("full-synch", "reset", "--json")
    assert laid_out.code == 0, laid_out.err
    every = mappings(laid_out.objects)
    assert {"OPPORTUNITY", "CUSTOMER"} <= set(every)
    assert not any(each.get("job_queue_entry_status") for each in laid_out.objects)
    left = synchronized("full-synch", "leave-out", "opportunity", "--json")
    assert mappings(left.objects) == [each for each in every if each != "OPPORTUNITY"]
    again = synchronized("full-synch", "leave-out", "OPPORTUNITY")
    assert (again.code, "no line OPPORTUNITY" in again.err) == (4, True)
    assert mappings(synchronized("full-synch", "reset", "--json").objects) == every

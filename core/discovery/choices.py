"""Whether a run is asked for something that exists, told before any work is done."""

from core.domain.discovery import CLUSTERERS, IMAGE_FILTERS, LINKAGES, DiscoveryParameters
from core.domain.errors import ParameterError


def check_choices(parameters: DiscoveryParameters) -> None:
    """Refuse settings that name an unknown image filter, clusterer or linkage.

    Raises:
        ParameterError: With the valid choices.
    """
    check_choice("image filter", parameters.image_filter, IMAGE_FILTERS)
    check_choice("clusterer", parameters.clusterer, CLUSTERERS)
    check_choice("linkage", parameters.linkage, LINKAGES)


def check_choice(setting: str, chosen: str, valid: tuple[str, ...]) -> None:
    """Refuse a value that is not one of the valid ones.

    Raises:
        ParameterError: With the valid choices.
    """
    if chosen not in valid:
        raise ParameterError(f"There is no {setting} '{chosen}'.", f"Choose one of: {', '.join(valid)}.")

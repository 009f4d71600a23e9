"""English words that may not name a group by themselves: materials, people, sizes, colours, measures."""

_MATERIALS = """
    acrylic alloy aluminium aluminum bamboo brass bronze canvas cashmere ceramic chiffon copper corduroy cork cotton
    crepe crystal denim diamond fabric faux fleece fur georgette gold jacquard jute khadi knit lace latex leather
    leatherette linen lycra marble melamine mesh metal microfiber modal neoprene nubuck nylon patent plastic plated
    plush poly polycotton polyester porcelain pu pvc rayon rexine rubber satin sequin sheepskin silicone silk silver
    spandex stainless steel sterling suede synthetic teak terracotta textile tussar tweed velvet vinyl viscose wood
    wooden wool woolen woollen zinc"""
_COLOURS = """
    beige black blue brown burgundy charcoal colored coloured cream cyan fuchsia golden gray green grey indigo ivory
    khaki lavender lilac magenta maroon mauve metallic multi multicolor multicolored multicolour multicoloured
    mustard navy neutral nude olive orange peach pink purple red rose rust tan taupe teal turquoise violet white
    yellow"""
_PEOPLE = """
    adult adults babies baby boy boys child children female females gents girl girls infant infants junior juniors
    kid kids ladies lady male males man men mens teen teens toddler toddlers unisex woman women womens youth"""
_SIZES = """
    centimeter centimetre cm cms eu extra ft gb ghz gm gms gram grams inch inches kg kgs l large lb lbs liter liters
    litre litres ltr ltrs m mah mb mbps medium meter meters metre metres ml mm mp no nos number oz pack packs pair
    pairs pc pcs petite piece pieces plus regular s size sized sizes small sz tb uk us volt volts watt watts xl xs
    xxl xxs xxxl xxxxl yard yards"""
_LEADS = """
    as at by featuring for from in includes including into like on per plus to under upto via with without"""
_JOINERS = """
    a an and her his is its n of or our that the this your"""
_COUNTERS = """
    box bundle combo lot pack packs pair pairs piece pieces set sets"""
_HOLLOW = """
    assortment collection combo design item kit material pattern product range set style type unit variety"""

MATERIALS = frozenset(_MATERIALS.split())
"""Said of a thing, not the thing: "boots in nubuck" are boots."""
COLOURS = frozenset(_COLOURS.split())
PEOPLE = frozenset(_PEOPLE.split())
"""Who it is for is a facet beside the kind: it goes from a name as the brand does."""
SIZES = frozenset(_SIZES.split())
"""Measures, sizes and counts."""
LEADS = frozenset(_LEADS.split())
"""What comes after one of these tells more of the thing that was named before it."""
JOINERS = frozenset(_JOINERS.split())
COUNTERS = frozenset(_COUNTERS.split())
"""Before "of": how many, not what. "Pack of 3 socks" are socks."""
HOLLOW = frozenset(_HOLLOW.split())
"""Singulars of heads that need a word before them to say anything: "sets" may be of anything, "bangle sets" not."""
ATTRIBUTES = MATERIALS | COLOURS | PEOPLE | SIZES
"""Never the head of a title, and a name by themselves only where there is no other."""

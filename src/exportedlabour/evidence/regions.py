"""The one map of regions: what figures name beside countries, and which hosts that is."""

WORLD = "WLD"
HOME = "PRK"  # who sends, and no host
# A code that figures use, and the region of hosts.csv that it stands for.
REGION_OF_GROUP = {
    "AFRICA": "Africa",
    "SEASIA": "South-East Asia",
    "MIDEAST": "Middle East",
    "GULF": "Gulf",
    "EU28": "Europe",
}
GROUPS = (WORLD, *REGION_OF_GROUP)  # codes that are no country
CODE_PATTERN = rf"^([A-Z]{{3}}|{'|'.join(REGION_OF_GROUP)})$"  # of a country, the world or a region
WIDER = {"MIDEAST": ("MIDEAST", "GULF")}  # who says Middle East of all workers means the Gulf too

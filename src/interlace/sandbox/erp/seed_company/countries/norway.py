"""Names, places and spellings of Norway."""

from typing import Final

from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack, combined, places, words

NORWAY: Final = CountryPack(
    code="NO",
    currencies=("NOK",),
    vat_group="EXPORT",
    language="NOR",
    top_level_domain="no",
    family_names=words(
        """Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Johnsen
        Pettersen Eriksen Berg Haugen Hagen Solberg Bakken Lunde Moen Strand Dahl Ødegård Sørensen Næss
        Bråthen Myhre Sæther Tveit Nygård Åsen Øvrebø Grønli Fjeldstad Bjørnstad Kjær Støre Høiland
        Rønning Vågen Ånestad Skogvær Lønnebakken Gjerdåker Ytrehus"""
    ),
    given_names=words(
        """Anne Arne Bjørg Bjørn Cecilie Dag Eli Einar Frøydis Finn Gro Gunnar Hilde Håkon Ingrid Ivar
        Jorunn Jørgen Kari Knut Liv Leif Marit Magnus Nina Nils Oddny Ola Ragnhild Rolf Solveig Sverre
        Tone Tor Unni Ulf Vigdis Vidar Åse Åge Øyvind Synnøve Pål Bente Stian Inger-Lise Hans_Petter"""
    ),
    places=places(
        """Oslo | Oslo | 0### | +47 22 9# ## ##
        Bergen | Vestland | 50## | +47 55 9# ## ##
        Trondheim | Trøndelag | 70## | +47 73 9# ## ##
        Stavanger | Rogaland | 40## | +47 51 9# ## ##
        Tromsø | Troms | 90## | +47 77 6# ## ##
        Bodø | Nordland | 80## | +47 75 5# ## ##
        Ålesund | Møre og Romsdal | 60## | +47 70 1# ## ##
        Tønsberg | Vestfold | 31## | +47 33 3# ## ##
        Lillehammer | Innlandet | 26## | +47 61 2# ## ##
        Sandefjord | Vestfold | 32## | +47 33 4# ## ##
        Hønefoss | Buskerud | 35## | +47 32 1# ## ##
        Kristiansand | Agder | 46## | +47 38 0# ## ##"""
    ),
    streets=combined(
        "Kirke Skole Fjord Bjørke Stor Sjø Møbel Bakke Dronning_Mauds_ Øvre_Torg", "gata veien vei"
    )
    + words("Strandgaten Nedre_Ålegård Havnepromenaden Bryggen Løkkeveien"),
    street_line="{street} {number}",
    second_lines=("2. etasje", "Oppgang B", "Postboks 214", "Lager Nord"),
    mobile="+47 4## ## ###",
    by_place=(
        "{name} Møbler {city}",
        "Interiørhuset {name} {city}",
        "{name} Kontor {city}",
        "Bohus {name} {city}",
    ),
    by_partner=(
        "{name} & {partner} Interiør",
        "{name} og {partner} Møbelhandel",
        "Kontorpartner {name} & {partner}",
        "{name} {partner} Innredning",
    ),
    legal_forms=("AS", "ASA", "ANS", "DA", "AS"),
    vat_number="NO 9########MVA",
    job_titles=("Daglig leder", "Innkjøpssjef", "Butikksjef", "Regnskap", "Lagersjef", "Interiørkonsulent"),
)

"""Names, places and spellings of Finland."""

from typing import Final

from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack, combined, places, words

FINLAND: Final = CountryPack(
    code="FI",
    currencies=("",),
    vat_group="EU",
    language="FIN",
    top_level_domain="fi",
    family_names=words(
        """Korhonen Virtanen Mäkinen Nieminen Mäkelä Hämäläinen Laine Heikkinen Koskinen Järvinen Lehtonen
        Lehtinen Saarinen Salminen Heinonen Niemi Heikkilä Kinnunen Salonen Turunen Salo Laitinen
        Tuominen Rantanen Karjalainen Jokinen Mattila Savolainen Lahtinen Ahonen Väisänen Öhman
        Pääkkönen Yli-Hietanen Åkerlund Söderholm Kärkkäinen Leppälä Myllylä Nyström Ojanperä Pöyhönen
        Räsänen Sjöblom Törmänen Ylönen"""
    ),
    given_names=words(
        """Aino Antti Eeva Eero Helmi Heikki Inkeri Ilkka Jaana Jukka Kaisa Kalle Leena Lauri Minna Matti
        Noora Niilo Outi Olli Päivi Pekka Riikka Risto Saara Sampo Tuuli Tapio Ulla Urho Venla Väinö
        Ylva Yrjö Äijä-Pekka Östen Maarit Jyrki Sirkka Timo Hanna_Maria Juha-Matti"""
    ),
    places=places(
        """Helsinki | Uusimaa | 00##0 | +358 9 4257 ####
        Espoo | Uusimaa | 02##0 | +358 9 4258 ####
        Tampere | Pirkanmaa | 33##0 | +358 3 4259 ###
        Turku | Varsinais-Suomi | 20##0 | +358 2 4260 ###
        Oulu | Pohjois-Pohjanmaa | 90##0 | +358 8 4261 ###
        Jyväskylä | Keski-Suomi | 40##0 | +358 14 426 ###
        Lahti | Päijät-Häme | 15##0 | +358 3 4263 ###
        Kuopio | Pohjois-Savo | 70##0 | +358 17 426 ###
        Seinäjoki | Etelä-Pohjanmaa | 60##0 | +358 6 4265 ###
        Hämeenlinna | Kanta-Häme | 13##0 | +358 3 4266 ###
        Rovaniemi | Lappi | 96##0 | +358 16 426 ###
        Järvenpää | Uusimaa | 04##0 | +358 9 4268 ####"""
    ),
    streets=combined("Koivu Mänty Satama Kauppa Järvi Metsä Tehtaan Puisto Kirkko Hämeen", "katu tie kuja")
    + words("Itäväylä Pohjoisesplanadi Länsirannantie Yliopistonkatu"),
    street_line="{street} {number}",
    second_lines=("B-rappu", "3. kerros", "Ovi 5", "PL 112"),
    mobile="+358 40 ### ####",
    by_place=(
        "{name} Kaluste {city}",
        "Sisustustalo {name} {city}",
        "Huonekalu {name} {city}",
        "Toimistokaluste {name} {city}",
    ),
    by_partner=(
        "{name} & {partner} Kalusteet",
        "{name} ja {partner} Sisustus",
        "Huonekaluliike {name} & {partner}",
        "{name}-{partner} Koti",
    ),
    legal_forms=("Oy", "Oy Ab", "Ky", "Tmi"),
    vat_number="FI########",
    job_titles=("Toimitusjohtaja", "Ostopäällikkö", "Myymäläpäällikkö", "Kirjanpito", "Logistiikka"),
)

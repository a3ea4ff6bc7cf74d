namespace Probity.Screening.Lists.Values;

/// <summary>The countries and what lists call them.</summary>
/// <remarks>
/// One line per country, or more with the same codes: ISO 3166-1 alpha-2, alpha-3, then names, former names and the
/// words for its people that lists use as nationalities. Source: ISO 3166-1; the names come from the lists themselves
/// (OFAC, UN, UK, EU, CSL). XK and XKX are the user-assigned codes for Kosovo; former states map to nothing, but to a
/// successor where the lists use them for one (Soviet republics by name).
/// </remarks>
internal static class CountryNames
{
    /// <summary>The table.</summary>
    public const string Table = """
        AD|AND|Andorra|Andorran
        AE|ARE|United Arab Emirates|UAE|U.A.E.|Emirati|Emirian
        AF|AFG|Afghanistan|Afghan|Islamic Republic of Afghanistan
        AG|ATG|Antigua and Barbuda|Antigua & Barbuda
        AI|AIA|Anguilla
        AL|ALB|Albania|Albanian
        AM|ARM|Armenia|Armenian
        AO|AGO|Angola|Angolan
        AQ|ATA|Antarctica
        AR|ARG|Argentina|Argentine|Argentinian
        AS|ASM|American Samoa
        AT|AUT|Austria|Austrian
        AU|AUS|Australia|Australian
        AW|ABW|Aruba
        AX|ALA|Aland Islands|Åland Islands
        AZ|AZE|Azerbaijan|Azerbaijani|Azeri
        BA|BIH|Bosnia and Herzegovina|Bosnia-Herzegovina|Bosnia & Herzegovina|Bosnia|Bosnian
        BB|BRB|Barbados|Barbadian
        BD|BGD|Bangladesh|Bangladeshi
        BE|BEL|Belgium|Belgian
        BF|BFA|Burkina Faso|Burkinabe
        BG|BGR|Bulgaria|Bulgarian
        BH|BHR|Bahrain|Bahraini
        BI|BDI|Burundi|Burundian
        BJ|BEN|Benin|Beninese
        BL|BLM|Saint Barthelemy
        BM|BMU|Bermuda
        BN|BRN|Brunei|Brunei Darussalam|Bruneian
        BO|BOL|Bolivia|Bolivian|Bolivia, Plurinational State of|Plurinational State of Bolivia
        BQ|BES|Bonaire, Sint Eustatius and Saba|Bonaire
        BR|BRA|Brazil|Brazilian
        BS|BHS|Bahamas|Bahamas, The|The Bahamas|Bahamian
        BT|BTN|Bhutan|Bhutanese
        BV|BVT|Bouvet Island
        BW|BWA|Botswana|Motswana
        BY|BLR|Belarus|Belarusian|Belarussian|Byelorussia
        BZ|BLZ|Belize|Belizean
        CA|CAN|Canada|Canadian
        CC|CCK|Cocos (Keeling) Islands
        CD|COD|Congo, Democratic Republic of the|Democratic Republic of the Congo|DRC|DR Congo
        CD|COD|Congo, The Democratic Republic of the|Congo (Democratic Republic)|Congo, Democratic Republic of|Zaire
        CD|COD|Democratic Republic of Congo
        CF|CAF|Central African Republic|Central African|CAR
        CG|COG|Congo, Republic of the|Congo|Republic of the Congo|Congo (Brazzaville)
        CH|CHE|Switzerland|Swiss
        CI|CIV|Cote d'Ivoire|Côte d'Ivoire|Cote d Ivoire|Ivory Coast|Ivorian
        CK|COK|Cook Islands
        CL|CHL|Chile|Chilean
        CM|CMR|Cameroon|Cameroonian
        CN|CHN|China|Chinese|People's Republic of China|China, People's Republic of|PRC|Mainland China
        CO|COL|Colombia|Colombian
        CR|CRI|Costa Rica|Costa Rican
        CU|CUB|Cuba|Cuban
        CV|CPV|Cabo Verde|Cape Verde|Cape Verdean
        CW|CUW|Curacao|Curaçao
        CX|CXR|Christmas Island
        CY|CYP|Cyprus|Cypriot
        CZ|CZE|Czech Republic|Czechia|Czech
        DE|DEU|Germany|German|Federal Republic of Germany
        DJ|DJI|Djibouti|Djiboutian
        DK|DNK|Denmark|Danish
        DM|DMA|Dominica
        DO|DOM|Dominican Republic
        DZ|DZA|Algeria|Algerian
        EC|ECU|Ecuador|Ecuadorian
        EE|EST|Estonia|Estonian
        EG|EGY|Egypt|Egyptian|Arab Republic of Egypt
        EH|ESH|Western Sahara
        ER|ERI|Eritrea|Eritrean
        ES|ESP|Spain|Spanish
        ET|ETH|Ethiopia|Ethiopian
        FI|FIN|Finland|Finnish
        FJ|FJI|Fiji|Fijian
        FK|FLK|Falkland Islands|Falkland Islands (Malvinas)
        FM|FSM|Micronesia|Micronesia, Federated States of
        FO|FRO|Faroe Islands
        FR|FRA|France|French
        GA|GAB|Gabon|Gabonese
        GB|GBR|United Kingdom|UK|U.K.|Great Britain|Britain|British
        GB|GBR|United Kingdom of Great Britain and Northern Ireland|England|Scotland|Wales|Northern Ireland
        GD|GRD|Grenada|Grenadian
        GE|GEO|Georgia|Georgian
        GF|GUF|French Guiana
        GG|GGY|Guernsey
        GH|GHA|Ghana|Ghanaian
        GI|GIB|Gibraltar
        GL|GRL|Greenland
        GM|GMB|Gambia|Gambia, The|The Gambia|Gambian
        GN|GIN|Guinea|Guinean|Republic of Guinea
        GP|GLP|Guadeloupe
        GQ|GNQ|Equatorial Guinea
        GR|GRC|Greece|Greek
        GS|SGS|South Georgia and the South Sandwich Islands
        GT|GTM|Guatemala|Guatemalan
        GU|GUM|Guam
        GW|GNB|Guinea-Bissau|Guinea Bissau|Republic of Guinea-Bissau|Bissau-Guinean
        GY|GUY|Guyana|Guyanese
        HK|HKG|Hong Kong|China, Hong Kong Special Administrative Region|Hong Kong SAR|Hong Kong S.A.R.
        HK|HKG|Hong Kong, China
        HM|HMD|Heard Island and McDonald Islands
        HN|HND|Honduras|Honduran
        HR|HRV|Croatia|Croatian
        HT|HTI|Haiti|Haitian
        HU|HUN|Hungary|Hungarian
        ID|IDN|Indonesia|Indonesian
        IE|IRL|Ireland|Irish|Republic of Ireland
        IL|ISR|Israel|Israeli
        IM|IMN|Isle of Man|Man, Isle of
        IN|IND|India|Indian
        IO|IOT|British Indian Ocean Territory
        IQ|IRQ|Iraq|Iraqi|Republic of Iraq
        IR|IRN|Iran|Iranian|Iran, Islamic Republic of|Iran (Islamic Republic of)|Islamic Republic of Iran
        IS|ISL|Iceland|Icelandic
        IT|ITA|Italy|Italian
        JE|JEY|Jersey
        JM|JAM|Jamaica|Jamaican
        JO|JOR|Jordan|Jordanian
        JP|JPN|Japan|Japanese
        KE|KEN|Kenya|Kenyan
        KG|KGZ|Kyrgyzstan|Kyrgyz|Kyrgyz Republic
        KH|KHM|Cambodia|Cambodian
        KI|KIR|Kiribati
        KM|COM|Comoros|Comoran|Comorian
        KN|KNA|Saint Kitts and Nevis|St. Kitts and Nevis|St. Kitts & Nevis|St Kitts and Nevis
        KP|PRK|Korea, North|North Korea|Democratic People's Republic of Korea|Korea, Democratic People's Republic of
        KP|PRK|DPRK|North Korean|North Korea (Democratic People's Republic of Korea)
        KR|KOR|Korea, South|South Korea|Republic of Korea|Korea, Republic of|South Korean
        KW|KWT|Kuwait|Kuwaiti
        KY|CYM|Cayman Islands
        KZ|KAZ|Kazakhstan|Kazakh|Kazakhstani
        LA|LAO|Laos|Lao|Lao People's Democratic Republic|Laotian
        LB|LBN|Lebanon|Lebanese
        LC|LCA|Saint Lucia|St. Lucia|St Lucia
        LI|LIE|Liechtenstein
        LK|LKA|Sri Lanka|Sri Lankan
        LR|LBR|Liberia|Liberian
        LS|LSO|Lesotho
        LT|LTU|Lithuania|Lithuanian
        LU|LUX|Luxembourg|Luxembourger
        LV|LVA|Latvia|Latvian
        LY|LBY|Libya|Libyan|Libyan Arab Jamahiriya
        MA|MAR|Morocco|Moroccan
        MC|MCO|Monaco|Monegasque
        MD|MDA|Moldova|Moldova, Republic of|Republic of Moldova|Moldovan
        ME|MNE|Montenegro|Montenegrin
        MF|MAF|Saint Martin
        MG|MDG|Madagascar|Malagasy
        MH|MHL|Marshall Islands|Republic of the Marshall Islands|Marshallese
        MK|MKD|North Macedonia|Macedonia|North Macedonia, The Republic of|Macedonia, The Former Yugoslav Republic of
        MK|MKD|The former Yugoslav Republic of Macedonia|Macedonian
        ML|MLI|Mali|Malian
        MM|MMR|Burma|Myanmar|Burmese|Myanmar (Burma)
        MN|MNG|Mongolia|Mongolian
        MO|MAC|Macau|Macao|Macao SAR
        MP|MNP|Northern Mariana Islands
        MQ|MTQ|Martinique
        MR|MRT|Mauritania|Mauritanian
        MS|MSR|Montserrat
        MT|MLT|Malta|Maltese
        MU|MUS|Mauritius|Mauritian
        MV|MDV|Maldives|Maldivian
        MW|MWI|Malawi|Malawian
        MX|MEX|Mexico|Mexican
        MY|MYS|Malaysia|Malaysian
        MZ|MOZ|Mozambique|Mozambican
        NA|NAM|Namibia|Namibian
        NC|NCL|New Caledonia
        NE|NER|Niger|Nigerien
        NF|NFK|Norfolk Island
        NG|NGA|Nigeria|Nigerian
        NI|NIC|Nicaragua|Nicaraguan
        NL|NLD|Netherlands|Netherlands, The|The Netherlands|Dutch|Holland
        NO|NOR|Norway|Norwegian
        NP|NPL|Nepal|Nepalese|Nepali
        NR|NRU|Nauru
        NU|NIU|Niue
        NZ|NZL|New Zealand|New Zealander
        OM|OMN|Oman|Omani
        PA|PAN|Panama|Panamanian
        PE|PER|Peru|Peruvian
        PF|PYF|French Polynesia
        PG|PNG|Papua New Guinea
        PH|PHL|Philippines|Filipino|Philippine|The Philippines
        PK|PAK|Pakistan|Pakistani
        PL|POL|Poland|Polish
        PM|SPM|Saint Pierre and Miquelon
        PN|PCN|Pitcairn
        PR|PRI|Puerto Rico
        PS|PSE|Palestinian|Palestine|Palestine, State of|State of Palestine|Palestinian Territories
        PS|PSE|Occupied Palestinian Territories|Palestinian Territory, Occupied|West Bank|Gaza|Gaza Strip
        PT|PRT|Portugal|Portuguese
        PW|PLW|Palau|Palauan
        PY|PRY|Paraguay|Paraguayan
        QA|QAT|Qatar|Qatari
        RE|REU|Reunion
        RO|ROU|Romania|Romanian
        RS|SRB|Serbia|Serbian|Republic of Serbia
        RU|RUS|Russia|Russian Federation|Russian|Russian SFSR
        RW|RWA|Rwanda|Rwandan
        SA|SAU|Saudi Arabia|Saudi Arabian|Saudi|Kingdom of Saudi Arabia
        SB|SLB|Solomon Islands
        SC|SYC|Seychelles|Seychellois
        SD|SDN|Sudan|Sudanese|The Sudan|Republic of the Sudan
        SE|SWE|Sweden|Swedish
        SG|SGP|Singapore|Singaporean
        SH|SHN|Saint Helena, Ascension and Tristan da Cunha|Saint Helena
        SI|SVN|Slovenia|Slovenian
        SJ|SJM|Svalbard and Jan Mayen
        SK|SVK|Slovakia|Slovak Republic|Slovak
        SL|SLE|Sierra Leone|Sierra Leonean
        SM|SMR|San Marino
        SN|SEN|Senegal|Senegalese
        SO|SOM|Somalia|Somali|Federal Republic of Somalia
        SR|SUR|Suriname|Surinamese
        SS|SSD|South Sudan|South Sudanese|Republic of South Sudan
        ST|STP|Sao Tome and Principe
        SV|SLV|El Salvador|Salvadoran
        SX|SXM|Sint Maarten
        SY|SYR|Syria|Syrian|Syrian Arab Republic
        SZ|SWZ|Eswatini|Swaziland
        TC|TCA|Turks and Caicos Islands
        TD|TCD|Chad|Chadian
        TF|ATF|French Southern Territories
        TG|TGO|Togo|Togolese
        TH|THA|Thailand|Thai
        TJ|TJK|Tajikistan|Tajik|Tajikistani
        TK|TKL|Tokelau
        TL|TLS|Timor-Leste|East Timor
        TM|TKM|Turkmenistan|Turkmen
        TN|TUN|Tunisia|Tunisian
        TO|TON|Tonga|Tongan
        TR|TUR|Turkey|Türkiye|Turkiye|Turkish
        TT|TTO|Trinidad and Tobago|Trinidad & Tobago|Trinidadian
        TV|TUV|Tuvalu
        TW|TWN|Taiwan|Taiwanese|Taiwan, Province of China
        TZ|TZA|Tanzania|Tanzania, United Republic of|United Republic of Tanzania|Tanzanian
        UA|UKR|Ukraine|Ukrainian|Ukranian SSR|Ukrainian SSR|Crimea|Region: Crimea
        UG|UGA|Uganda|Ugandan
        UM|UMI|United States Minor Outlying Islands
        US|USA|United States|United States of America|U.S.|American
        UY|URY|Uruguay|Uruguayan
        UZ|UZB|Uzbekistan|Uzbek
        VA|VAT|Holy See|Vatican City|Vatican City State
        VC|VCT|Saint Vincent and the Grenadines|St. Vincent and the Grenadines|St Vincent and the Grenadines
        VE|VEN|Venezuela|Venezuelan|Venezuela, Bolivarian Republic of|Bolivarian Republic of Venezuela
        VG|VGB|Virgin Islands, British|British Virgin Islands
        VI|VIR|Virgin Islands, U.S.|US Virgin Islands
        VN|VNM|Vietnam|Viet Nam|Vietnamese
        VU|VUT|Vanuatu
        WF|WLF|Wallis and Futuna
        WS|WSM|Samoa|Samoan
        XK|XKX|Kosovo|Kosovar|Kosovan
        YE|YEM|Yemen|Yemeni|Republic of Yemen
        YT|MYT|Mayotte
        ZA|ZAF|South Africa|South African
        ZM|ZMB|Zambia|Zambian
        ZW|ZWE|Zimbabwe|Zimbabwean
        """;
}

"""Every rate of the simulation, with its unit: what lives are like, and how badly registers observe them.

Orders of magnitude follow the published vital and migration statistics of Kosovo; no figure is exact.
The error rates are assumptions, chosen so that linkage has something to do.
"""

import math
from dataclasses import dataclass, field

from migflow.errors import MigflowError


@dataclass(frozen=True)
class AgeProfile:
    """Model migration schedule of Rogers and Castro (1981): childhood, labour force and constant component.

    m(x) = a1 exp(-alpha1 x) + a2 exp(-alpha2 (x - mu2) - exp(-lambda2 (x - mu2))) + c, x the age in years.
    The childhood part of movers arises in the simulation from children who follow their parents.
    """

    a1: float = 0.02
    alpha1: float = 0.10
    a2: float = 0.06
    alpha2: float = 0.10
    mu2: float = 21.0
    lambda2: float = 0.40
    c: float = 0.003


@dataclass(frozen=True)
class Lives:
    """True lives. Crude rates are events per 1,000 persons and year; shares are between 0 and 1."""

    births: float = 12.0  # per 1,000 residents and year
    deaths: float = 7.0  # per 1,000 residents and year
    marriages: float = 7.5  # couples per 1,000 residents and year
    divorces: float = 1.0  # couples per 1,000 residents and year
    # Moves of the next two are besides those that marriage and divorce bring (about 11 persons per 1,000 and year).
    moves_between: float = 10.0  # persons changing municipality per 1,000 residents and year
    moves_within: float = 20.0  # persons moving inside a municipality per 1,000 residents and year
    emigration: float = 17.0  # persons per 1,000 residents and year
    immigration: float = 3.0  # foreigners per 1,000 residents and year
    returns: float = 5.0  # returning emigrants per 1,000 residents and year
    name_changes: float = 0.3  # changes of surname outside marriage per 1,000 residents and year
    naturalisations: float = 20.0  # per 1,000 foreign residents and year
    renunciations: float = 0.8  # Kosovo citizens taking another citizenship per 1,000 and year
    whole_household_moves: float = 0.45  # share of moves that take the whole household along
    wife_takes_surname: float = 0.75  # share of marriages
    divorced_wife_resumes_surname: float = 0.4  # share of divorces of wives who had taken their husband's
    couple_joins_husband_household: float = 0.55  # share of marriages; else a home of their own or hers
    couple_joins_wife_household: float = 0.05  # share of marriages
    births_outside_marriage: float = 0.06  # weight of an unmarried woman relative to a married one
    partner_same_municipality: float = 0.6  # share of marriages matched inside the municipality
    mixed_marriages: float = 0.02  # share of marriages matched across communities
    initial_abroad: float = 0.05  # former residents abroad at the start, per resident
    initial_foreigners: float = 0.006  # share of residents who are foreign citizens at the start
    return_to_former_municipality: float = 0.75  # share of returns
    gravity_size: float = 0.9  # exponent of destination population
    gravity_distance: float = 1.2  # exponent of distance in km
    villages_without_street_names: float = 0.45  # share of villages
    dwellings_per_household: float = 1.35  # dwellings at the start per household
    new_dwellings: float = 0.02  # built per existing dwelling and year
    demolished: float = 0.01  # share of buildings, uninhabited, that are torn down in the period
    profile_between: AgeProfile = AgeProfile()
    profile_within: AgeProfile = AgeProfile(a2=0.04, mu2=26.0, alpha2=0.07, c=0.006)
    profile_emigration: AgeProfile = AgeProfile(a2=0.08, mu2=20.0, alpha2=0.12, c=0.001)
    periods_per_year: int = 2  # a person moves at most once in a period


@dataclass(frozen=True)
class TextErrors:
    """How names and dates are written down, as shares of records unless said otherwise."""

    typing: float  # one typing error in the first name, and again in the surname
    swapped_names: float  # first name and surname exchanged
    day_month_swapped: float  # of birth dates in which both orders are dates
    birth_date_typing: float  # year, month or day off by a little
    maiden_name: float  # of married women who took a surname: written with the surname at birth
    diminutive: float  # of records whose first name has one
    other_language: float  # of names of the other language: spelt as the office's language would
    other_script: float  # in offices that write Serbian: name in the script the office does not use
    without_diacritics: float  # ë, ç, š ... as e, c, s


@dataclass(frozen=True)
class AddressErrors:
    """How addresses are written down, as shares of written addresses."""

    abbreviated: float  # Rr., nr., b. or Ul., br., st. instead of the words
    without_number: float  # street only
    former_street_name: float  # of streets that had one
    other_language: float  # street and settlement in the other official language
    typing: float  # one typing error in the street
    without_dwelling: float  # of addresses in blocks: entrance and dwelling left out


@dataclass(frozen=True)
class CivilRegistry:
    """The civil registry: persons by snapshot and events by month."""

    text: TextErrors = TextErrors(
        typing=0.01,
        swapped_names=0.002,
        day_month_swapped=0.003,
        birth_date_typing=0.003,
        maiden_name=0.03,
        diminutive=0.002,
        other_language=0.02,
        other_script=0.0,
        without_diacritics=0.02,
    )
    address: AddressErrors = AddressErrors(
        abbreviated=0.3,
        without_number=0.03,
        former_street_name=0.05,
        other_language=0.03,
        typing=0.01,
        without_dwelling=0.05,
    )
    carelessness: float = 1.0  # variance of records' proneness to errors in names and birth date (mean 1)
    double_entry: float = 0.003  # persons with a second record
    number_missing: float = 0.002  # records without personal number
    number_mistyped: float = 0.001  # records whose personal number has a typing error
    stale_at_start: float = 0.08  # residents registered at another address when the period begins
    update_never: float = 0.04  # declared moves that do not reach the registry
    update_days: float = 20.0  # mean days from declaration to update
    emigrant_stays: float = 0.2  # declared emigrants who nevertheless stay in the registry
    surname_update_never: float = 0.08  # marriages whose change of surname does not reach the record
    foreigner_never: float = 0.1  # immigrants who never get a record
    foreigner_months: float = 3.0  # mean months from arrival to record
    late_entry: float = 0.03  # events entered months late
    late_months: float = 5.0  # mean delay of a late entry
    prompt_days: float = 6.0  # mean delay of the others
    event_number_missing: float = 0.01  # events without personal number
    event_never: float = 0.005  # births and deaths that are never entered


@dataclass(frozen=True)
class MunicipalCounters:
    """Declarations of residence at municipal counters."""

    text: TextErrors = TextErrors(
        typing=0.03,
        swapped_names=0.008,
        day_month_swapped=0.006,
        birth_date_typing=0.008,
        maiden_name=0.08,
        diminutive=0.02,
        other_language=0.25,
        other_script=0.04,
        without_diacritics=0.08,
    )
    address: AddressErrors = AddressErrors(
        abbreviated=0.45,
        without_number=0.06,
        former_street_name=0.12,
        other_language=0.05,
        typing=0.03,
        without_dwelling=0.15,
    )
    carelessness: float = 1.0  # variance of rows' proneness to errors in names, birth date and number (mean 1)
    arrival_declared: float = 0.85  # moves between municipalities declared at the new one
    departure_declared: float = 0.35  # moves between municipalities declared at the old one
    change_declared: float = 0.6  # moves inside a municipality
    emigration_declared: float = 0.15  # departures abroad
    immigration_declared: float = 0.85  # arrivals of foreigners
    return_declared: float = 0.6  # arrivals of returning emigrants
    member_left_out: float = 0.03  # members missing from a declared household
    number_missing: float = 0.12  # rows without personal number
    number_mistyped: float = 0.01  # rows whose personal number has a typing error
    number_of_relative: float = 0.005  # rows with another family member's number
    birth_date_missing: float = 0.01  # rows
    names_in_other_script: float = 0.0  # rows with both names in the script the office does not use
    double_entry: float = 0.004  # declarations entered twice
    late_entry: float = 0.12  # declarations made months late
    late_months: float = 4.0  # mean delay of a late one
    prompt_days: float = 9.0  # mean delay of the others
    previous_address_missing: float = 0.15  # rows without the previous address
    reason_missing: float = 0.4  # rows without reason


@dataclass(frozen=True)
class OtherRegisters:
    """Activity in other registers, a year. Tuples are by age: 0-2, 3-5, 6-17, 18-23, 24-39, 40-64, 65 and over; that
    of elsewhere by register: school, work, benefit, health, documents."""

    enrolled: tuple[float, ...] = (0.0, 0.3, 0.97, 0.45, 0.03, 0.0, 0.0)  # share of residents on a school's roll
    employed: tuple[float, ...] = (0.0, 0.0, 0.0, 0.4, 0.6, 0.5, 0.04)  # share of men for whom contributions are paid
    employed_women: float = 0.55  # share of women relative to men
    paid: tuple[float, ...] = (0.5, 0.3, 0.1, 0.08, 0.1, 0.15, 0.96)  # share of residents with a pension or benefit
    contacts: tuple[float, ...] = (5.0, 4.0, 2.0, 2.5, 3.0, 3.5, 5.0)  # mean contacts with a doctor or pharmacy
    documents: tuple[float, ...] = (0.2, 0.2, 0.2, 0.2, 0.15, 0.12, 0.08)  # mean documents issued
    contact_shape: float = 4.0  # of the gamma distribution of persons' contacts and documents about the mean
    untraced: float = 0.003  # share of persons who never leave a trace
    turnover: float = 0.06  # share of persons whose places on rolls are drawn anew in a year
    deregistration_days: float = 40.0  # mean days from leaving the country to the end on a roll
    elsewhere: tuple[float, ...] = (0.03, 0.4, 0.02, 0.08, 0.1)  # share of activity in another municipality
    abroad_enrolled: float = 0.004  # share of those abroad still on a school's roll
    abroad_employed: float = 0.006
    abroad_paid: float = 0.2  # share of the old abroad whose pension is paid here
    abroad_contact: float = 0.03  # share who see a doctor on a visit
    abroad_document: float = 0.05  # share who have a document issued on a visit
    number_missing: float = 0.004  # rows without personal number
    number_mistyped: float = 0.002  # rows whose personal number has a typing error


@dataclass(frozen=True)
class SimulationConfig:
    """All settings of a simulated country; MigflowError if a share is not between 0 and 1."""

    lives: Lives = field(default_factory=Lives)
    registry: CivilRegistry = field(default_factory=CivilRegistry)
    counters: MunicipalCounters = field(default_factory=MunicipalCounters)
    others: OtherRegisters = field(default_factory=OtherRegisters)

    def __post_init__(self) -> None:
        for part in (self.registry, self.counters):
            groups = (part, part.text, part.address)
            for name, value in ((n, v) for g in groups for n, v in vars(g).items()):
                largest = math.inf if name.endswith(("_days", "_months", "carelessness")) else 1
                if isinstance(value, float) and not 0 <= value <= largest:
                    raise MigflowError(f"Simulation setting {name} is {value}: expected 0 to {largest}.")

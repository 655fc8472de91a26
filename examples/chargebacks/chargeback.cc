#include "chargeback.h"

#include <fmt/format.h>

#include <array>
#include <bit>

namespace chargebacks {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kHour = kSecond * 3600;
constexpr int64_t kWeek = kHour * 24 * 7;

// SplitMix64's finaliser: a bijection of 64-bit numbers, so that different records have different ids.
constexpr uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// The numbers of one record or row: cheap, and the same on every machine (unlike the distributions of <random>).
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15ULL); }
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  double Fraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  bool Chance(double share) { return Fraction() < share; }

 private:
  uint64_t state_;
};

struct Place {
  std::string_view country, currency, city;
};
constexpr std::array kPlaces = {
    Place{"BR", "BRL", "São Paulo"},     Place{"BR", "BRL", "Rio de Janeiro"},   Place{"BR", "BRL", "Belo Horizonte"},
    Place{"BR", "BRL", "Florianópolis"}, Place{"BR", "BRL", "Recife"},           Place{"US", "USD", "New York"},
    Place{"US", "USD", "Austin"},        Place{"DE", "EUR", "München"},          Place{"DE", "EUR", "Köln"},
    Place{"PT", "EUR", "Lisboa"},        Place{"JP", "JPY", "大阪市"},           Place{"JP", "JPY", "東京"},
    Place{"AE", "AED", "دبي"},           Place{"MX", "MXN", "Ciudad de México"}, Place{"AR", "ARS", "Córdoba"},
    Place{"GB", "GBP", "London"},
};
constexpr std::array<std::string_view, 40> kMerchants = {"Padaria Pão Quente",
                                                         "Mercado Aurora",
                                                         "Loja do João",
                                                         "Livraria Cultura Nova",
                                                         "Posto Ipiranga 114",
                                                         "Farmácia Saúde Já",
                                                         "Cafeteria Grão & Cia",
                                                         "Autopeças Paulista",
                                                         "Hotel Atlântico",
                                                         "Viagens Além-Mar",
                                                         "Blue Bottle Books",
                                                         "Acme Hardware, Inc.",
                                                         "Lone Star Diner",
                                                         "Hudson Electronics",
                                                         "Bäckerei Müller",
                                                         "Fahrradhaus König",
                                                         "Kölner Technikmarkt",
                                                         "Buchladen Weiß",
                                                         "Pastelaria Belém",
                                                         "Ferragens Lisboa",
                                                         "さくら書店",
                                                         "東京カメラ",
                                                         "寿司処 花",
                                                         "大阪電器",
                                                         "مكتبة النور",
                                                         "سوق دبي",
                                                         "Taquería El Güero",
                                                         "Zapatería León",
                                                         "Parrilla Don José",
                                                         "Vinos Mendoza",
                                                         "Thames Tea Co.",
                                                         "\"Quoted\" Goods Ltd",
                                                         "Comma, Dot & Sons",
                                                         "Streaming+ Brasil",
                                                         "Jogos Online S.A.",
                                                         "Cloud Nine Airlines",
                                                         "Fit Academia",
                                                         "Pet Feliz",
                                                         "Ótica Visão",
                                                         "Games ☺ More"};
constexpr std::array<std::string_view, 6> kStatuses = {"OPENED",   "UNDER_REVIEW", "REPRESENTED",
                                                       "ACCEPTED", "WON",          "LOST"};
constexpr std::array<std::string_view, 12> kReasons = {"10.4", "10.5", "11.1", "12.5", "13.1", "13.2",
                                                       "13.3", "13.6", "4837", "4853", "4855", "UA02"};
constexpr std::array<std::string_view, 5> kNetworks = {"VISA", "MASTERCARD", "ELO", "AMEX", "HIPERCARD"};
constexpr std::array<std::string_view, 4> kSegments = {"retail", "premium", "business", "student"};
constexpr std::array<std::string_view, 10> kNotes = {"Cliente não reconhece a compra, ligação de {}",
                                                     "Mercadoria não recebida; pedido nº {}",
                                                     "Cartão clonado? Verificar protocolo {}",
                                                     "商品が届きません。注文番号 {}",
                                                     "身に覚えのない請求です({})",
                                                     "العميل لا يعرف هذه العملية رقم {}",
                                                     "Betrag doppelt abgebucht, Vorgang {}",
                                                     "Kunde wünscht Rückerstattung für Bestellung {}",
                                                     "😡 charged twice 💳💳 ref {}",
                                                     "Customer wrote: \"never ordered this\",\nsee ticket {}"};

// A bijection of [0, 4^half): four Feistel rounds.
uint64_t Scramble(uint64_t x, unsigned half, uint64_t seed) {
  const uint64_t mask = (uint64_t{1} << half) - 1;
  uint64_t left = x >> half;
  uint64_t right = x & mask;
  for (uint64_t round = 0; round < 4; ++round) {
    const uint64_t next = left ^ (Mix(right ^ Mix(seed + round)) & mask);
    left = right;
    right = next;
  }
  return (left << half) | right;
}

// A permutation of [0, rows): where in the day a row lands. Walks the cycle until it is back inside.
uint64_t Permuted(const Day& day, uint64_t slot) {
  const unsigned half = (static_cast<unsigned>(std::bit_width(day.rows)) + 1) / 2;
  uint64_t x = slot;
  do {
    x = Scramble(x, half, day.seed);
  } while (x >= day.rows);
  return x;
}

// What stays the same in every row of one chargeback.
void FillRecord(const Day& day, uint64_t record, Dice& dice, Chargeback& row) {
  const Place& place = kPlaces[dice.Below(kPlaces.size())];
  const uint64_t merchant = dice.Below(20'000);
  row.chargeback_id = fmt::format("cb-{:016x}", Mix(Mix(day.seed ^ static_cast<uint64_t>(day.midnight_us)) + record));
  row.transaction_id = fmt::format("tx-{:019d}", dice.Next() >> 1);
  row.merchant_id = 100'000 + static_cast<int64_t>(merchant);
  row.merchant_name = kMerchants[merchant % kMerchants.size()];
  row.amount_cents = static_cast<int64_t>(100 + dice.Below(1 + dice.Below(500'000)));
  row.currency = place.currency;
  row.reason_code = kReasons[dice.Below(kReasons.size())];
  row.network = kNetworks[dice.Below(kNetworks.size())];
  row.created_at_us = day.midnight_us - static_cast<int64_t>(dice.Below(kWeek));
  row.country = place.country;
  row.city = place.city;
  row.segment = kSegments[dice.Below(kSegments.size())];
  row.postal_code = fmt::format("{:05d}-{:03d}", dice.Below(2'000) * 50, dice.Below(20) * 50);
  row.card_last4 = fmt::format("{:04d}", dice.Below(10'000));
  row.is_fraud = dice.Chance(0.3);
  row.updated_at_us = day.midnight_us + static_cast<int64_t>(dice.Below(20 * kHour));
}

// What the state of a chargeback at one moment adds.
void FillState(Dice& dice, Chargeback& row) {
  row.status = kStatuses[dice.Below(kStatuses.size())];
  row.risk_score = static_cast<double>(dice.Below(1000)) / 1000.0;
  if (dice.Chance(0.3)) row.note = fmt::format(fmt::runtime(kNotes[dice.Below(kNotes.size())]), dice.Below(1'000'000));
}

}  // namespace

Chargeback RowOf(const Day& day, uint64_t slot) {
  const uint64_t place = Permuted(day, slot);
  const bool repeats = place >= day.distinct;
  const uint64_t record = repeats ? Mix(day.seed + place) % day.distinct : place;
  Dice record_dice(Mix(day.seed ^ static_cast<uint64_t>(day.midnight_us) ^ Mix(record)));
  Dice row_dice(Mix(day.seed + 1) ^ Mix(place));
  Chargeback row;
  FillRecord(day, record, record_dice, row);
  FillState(row_dice, row);
  // One repeat in a hundred is an exact tie of its first version; of all rows one in fifty came without updated_at.
  if (repeats && !row_dice.Chance(0.01))
    *row.updated_at_us += kSecond + static_cast<int64_t>(row_dice.Below(4 * kHour - kSecond));
  if (row_dice.Chance(0.02)) row.updated_at_us.reset();
  return row;
}

}  // namespace chargebacks

//! What an identifier of goods names: a lot, one item, a container, or a whole class.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An identifier of goods, brought to one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Identifier {
    /// A lot of a product.
    Lot {
        /// The one spelling under which it is stored.
        code: String,
        /// The lot number as people write it.
        lot: String,
        /// The product class.
        product: String,
        /// The 14 digits of the product, when it has some.
        gtin: Option<String>,
    },
    /// One serialised item; a lot of its own.
    Item {
        /// The one spelling under which it is stored.
        code: String,
        /// The product class.
        product: String,
        /// The 14 digits of the product, when it has some.
        gtin: Option<String>,
    },
    /// A container or asset: a pallet, a crate, a tank.
    Container {
        /// The one spelling under which it is stored.
        code: String,
    },
    /// A product without a lot: nothing can be traced by it.
    Class {
        /// The product class.
        product: String,
    },
    /// Something else, taken as a thing of its own.
    Other {
        /// The identifier as given.
        code: String,
    },
}

impl Identifier {
    /// The code of the lot graph; `None` for a class, which is no lot.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Lot { code, .. }
            | Self::Item { code, .. }
            | Self::Container { code }
            | Self::Other { code } => Some(code),
            Self::Class { .. } => None,
        }
    }
}

/// The resolver of canonical GS1 digital links.
const LINK: &str = "https://id.gs1.org";

/// Reads an EPC URN, a GS1 digital link of any resolver, or a GDST URN. URNs and links of the same
/// key come out the same; what does not follow its scheme is kept as it is.
///
/// ```
/// # use fsq::epcis::identify;
/// let urn = identify("urn:epc:class:lgtin:4012345.012345.998877");
/// let link = identify("https://example.com/01/04012345123456/10/998877");
/// assert_eq!(urn, link);
/// ```
pub fn identify(text: &str) -> Identifier {
    epc_urn(text)
        .or_else(|| gdst_urn(text))
        .or_else(|| digital_link(text))
        .unwrap_or_else(|| Identifier::Other { code: text.to_owned() })
}

fn epc_urn(text: &str) -> Option<Identifier> {
    let (class, rest) = text.strip_prefix("urn:epc:")?.split_once(':')?;
    let (scheme, key) = rest.split_once(':')?;
    let parts: Vec<&str> = key.splitn(3, '.').collect();
    let product = |company: &str, item: &str| -> (String, Option<String>) {
        match gtin(company, item) {
            Some(gtin) => (format!("{LINK}/01/{gtin}"), Some(gtin)),
            None => (format!("urn:epc:idpat:sgtin:{company}.{item}.*"), None),
        }
    };
    match (class, scheme, parts.as_slice()) {
        ("class", "lgtin", [company, item, lot]) => {
            let (product, gtin) = product(company, item);
            let code = match &gtin {
                Some(_) => format!("{product}/10/{}", encode(&decode(lot))),
                None => text.to_owned(),
            };
            Some(Identifier::Lot { code, lot: decode(lot), product, gtin })
        }
        ("id", "sgtin", [company, item, serial]) => {
            let (product, gtin) = product(company, item);
            let code = match &gtin {
                Some(_) => format!("{product}/21/{}", encode(&decode(serial))),
                None => text.to_owned(),
            };
            Some(Identifier::Item { code, product, gtin })
        }
        ("id", "sscc", [company, serial]) => {
            let code = sscc(company, serial);
            Some(Identifier::Container { code: code.unwrap_or_else(|| text.to_owned()) })
        }
        ("id", "grai" | "giai" | "bic", _) => Some(Identifier::Container { code: text.to_owned() }),
        ("idpat", "sgtin", [company, item, "*"]) => {
            Some(Identifier::Class { product: product(company, item).0 })
        }
        ("idpat", ..) => Some(Identifier::Class { product: text.to_owned() }),
        _ => None,
    }
}

/// `urn:gdst:<domain>:product:lot:class:<product>.<lot>`, of the Global Dialogue on Seafood
/// Traceability 1.2; the lot is what follows the last full stop.
fn gdst_urn(text: &str) -> Option<Identifier> {
    let (domain, rest) = text.strip_prefix("urn:gdst:")?.split_once(':')?;
    let class = |item: &str| format!("urn:gdst:{domain}:product:class:{item}");
    if let Some(item) = rest.strip_prefix("product:lot:class:") {
        let (item, lot) = item.rsplit_once('.')?;
        let (code, lot) = (text.to_owned(), lot.to_owned());
        return Some(Identifier::Lot { code, lot, product: class(item), gtin: None });
    }
    if let Some(item) = rest.strip_prefix("product:serial:obj:") {
        let (item, _) = item.rsplit_once('.')?;
        return Some(Identifier::Item { code: text.to_owned(), product: class(item), gtin: None });
    }
    rest.starts_with("product:class:").then(|| Identifier::Class { product: text.to_owned() })
}

fn digital_link(text: &str) -> Option<Identifier> {
    let (_, path) = text.split_once("://")?;
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let key = segments.iter().position(|s| ["01", "00", "8003", "8004"].contains(s))?;
    let value = *segments.get(key + 1)?;
    match (segments[key], value.len()) {
        ("01", 8..=14) if digits(value) => {
            let gtin = format!("{value:0>14}");
            let product = format!("{LINK}/01/{gtin}");
            let qualifier = |wanted: &str| {
                let pairs = segments[key + 2..].chunks(2);
                pairs.filter(|pair| pair[0] == wanted).find_map(|pair| pair.get(1).copied())
            };
            let gtin = Some(gtin);
            if let Some(serial) = qualifier("21") {
                let code = format!("{product}/21/{}", encode(&decode(serial)));
                return Some(Identifier::Item { code, product, gtin });
            }
            Some(match qualifier("10") {
                Some(lot) => Identifier::Lot {
                    code: format!("{product}/10/{}", encode(&decode(lot))),
                    lot: decode(lot),
                    product,
                    gtin,
                },
                None => Identifier::Class { product },
            })
        }
        ("00", 18) if digits(value) => {
            Some(Identifier::Container { code: format!("{LINK}/00/{value}") })
        }
        ("8003" | "8004", _) => {
            Some(Identifier::Container { code: format!("{LINK}/{}/{value}", segments[key]) })
        }
        _ => None,
    }
}

/// GTIN-14 of a company prefix and an item reference whose first digit is the indicator.
fn gtin(company: &str, item: &str) -> Option<String> {
    let (indicator, item) = item.split_at_checked(1)?;
    with_check_digit(&format!("{indicator}{company}{item}"), 13)
}

/// SSCC-18 of a company prefix and a serial reference whose first digit is the extension.
fn sscc(company: &str, serial: &str) -> Option<String> {
    let (extension, serial) = serial.split_at_checked(1)?;
    let digits = with_check_digit(&format!("{extension}{company}{serial}"), 17)?;
    Some(format!("{LINK}/00/{digits}"))
}

/// Appends the GS1 check digit: weights 3 and 1 from the right, to the next ten.
fn with_check_digit(digits: &str, length: usize) -> Option<String> {
    if digits.len() != length || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let weighted = digits.bytes().rev().zip([3u32, 1].into_iter().cycle());
    let sum: u32 = weighted.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    Some(format!("{digits}{}", (10 - sum % 10) % 10))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let pair = rest.get(1..3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &rest[3..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn encode(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!'()*,:;=".contains(&byte);
    let piece = |byte: u8| {
        if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urns_and_links_of_one_key_agree() {
        let pairs = [
            (
                "urn:epc:class:lgtin:4012345.012345.998877",
                "https://a.example/01/04012345123456/10/998877",
            ),
            ("urn:epc:id:sscc:4012345.0000000333", "https://id.gs1.org/00/040123450000003338"),
            (
                "urn:epc:class:lgtin:4023333.002000.A%2FB",
                "https://x.org/p/01/04023333020008/10/A%2fB?x=1",
            ),
            ("urn:epc:idpat:sgtin:4012345.098765.*", "https://id.gs1.org/01/04012345987652"),
        ];
        for (urn, link) in pairs {
            assert_eq!(identify(urn), identify(link), "{urn}");
        }
        let Identifier::Lot { lot, gtin, .. } = identify(pairs[2].0) else { panic!("a lot") };
        assert_eq!((lot.as_str(), gtin.as_deref()), ("A/B", Some("04023333020008")));
    }

    #[test]
    fn what_breaks_its_scheme_is_kept_as_it_is() {
        let short = "urn:epc:id:sscc:08600031303.0003";
        assert_eq!(identify(short), Identifier::Container { code: short.into() });
        let odd = "urn:epc:id:gsrn:4012345.9876540000";
        assert_eq!(identify(odd), Identifier::Other { code: odd.into() });
    }

    #[test]
    fn gdst_lots_know_their_product() {
        let code = "urn:gdst:example.org:product:lot:class:processor.2.v1-0122-2022";
        let Identifier::Lot { lot, product, .. } = identify(code) else { panic!("a lot") };
        assert_eq!(lot, "v1-0122-2022");
        assert_eq!(product, "urn:gdst:example.org:product:class:processor.2");
    }
}

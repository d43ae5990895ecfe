//! Which addresses the whole internet can reach: the one question every connection to a foreign host must
//! pass. `IpAddr::is_global` of the standard library is unstable, and its backports know neither NAT64 nor
//! 6to4.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), length)
}

/// IANA IPv4 Special-Purpose Address Registry
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>), with multicast and the reserved class
/// added. Blocks of which the registry calls a part reachable are refused whole: nobody keeps files there.
const V4_REFUSED: [Ipv4Net; 18] = [
    v4(0, 0, 0, 8),       // this network; Linux connects 0.0.0.0 to itself
    v4(10, 0, 0, 8),      // private
    v4(100, 64, 0, 10),   // carrier-grade NAT
    v4(127, 0, 0, 8),     // loopback, with Lambda's Runtime API
    v4(169, 254, 0, 16),  // link-local, with the metadata services
    v4(172, 16, 0, 12),   // private
    v4(192, 0, 0, 24),    // protocol assignments
    v4(192, 0, 2, 24),    // documentation
    v4(192, 31, 196, 24), // AS112
    v4(192, 52, 193, 24), // AMT relays
    v4(192, 88, 99, 24),  // 6to4 relays
    v4(192, 168, 0, 16),  // private
    v4(192, 175, 48, 24), // AS112
    v4(198, 18, 0, 15),   // benchmarking
    v4(198, 51, 100, 24), // documentation
    v4(203, 0, 113, 24),  // documentation
    v4(224, 0, 0, 4),     // multicast
    v4(240, 0, 0, 4),     // reserved, broadcast
];

const fn v6(a: u16, b: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), length)
}

/// All global unicast IANA has given out
/// (<https://www.iana.org/assignments/ipv6-address-space>). Outside lie loopback, unspecified, v4-mapped
/// and -compatible, NAT64, discard-only, segment routing, unique local, link-local, site-local, multicast.
const V6_GIVEN_OUT: Ipv6Net = v6(0x2000, 0, 3);

/// What is special within it: IANA IPv6 Special-Purpose Address Registry
/// (<https://www.iana.org/assignments/iana-ipv6-special-registry>).
const V6_REFUSED: [Ipv6Net; 5] = [
    v6(0x2001, 0, 23),      // protocol assignments: Teredo, benchmarking, ORCHID
    v6(0x2001, 0x0db8, 32), // documentation
    v6(0x2002, 0, 16),      // 6to4: a relay decides where it comes out
    v6(0x2620, 0x004f, 32), // AS112 lies in 2620:4f:8000::/48
    v6(0x3fff, 0, 20),      // documentation
];

/// Whether everybody on the internet reaches the same host at this address. Addresses that hold an IPv4
/// address are refused whatever they hold: public servers have one of their own.
#[must_use]
pub fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !V4_REFUSED.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            V6_GIVEN_OUT.contains(&address) && !V6_REFUSED.iter().any(|net| net.contains(&address))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn special_addresses_are_not_global_up_to_their_edges() {
        for (address, global) in [
            ("0.0.0.0", false),
            ("0.255.255.255", false),
            ("1.0.0.0", true),
            ("9.255.255.255", true),
            ("10.0.0.0", false),
            ("11.0.0.0", true),
            ("100.63.255.255", true),
            ("100.64.0.1", false),
            ("100.127.255.255", false),
            ("100.128.0.0", true),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("169.254.169.254", false),
            ("172.15.255.255", true),
            ("172.31.255.255", false),
            ("172.32.0.0", true),
            ("192.0.0.9", false),
            ("192.0.2.1", false),
            ("192.88.99.1", false),
            ("192.168.255.255", false),
            ("198.17.255.255", true),
            ("198.19.255.255", false),
            ("198.51.100.7", false),
            ("203.0.113.9", false),
            ("223.255.255.255", true),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("8.8.8.8", true),
            ("::", false),
            ("::1", false),
            ("::127.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("::ffff:8.8.8.8", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b:1::1", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:2::1", false),
            ("2001:db8::1", false),
            ("2001:200::1", true),
            ("2002:7f00:1::", false),
            ("2620:4f:8000::1", false),
            ("2606:4700:4700::1111", true),
            ("2a00:1450:4001::200e", true),
            ("3fff:fff::1", false),
            ("3fff:1000::1", true),
            ("4000::1", false),
            ("5f00::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff0e::1", false),
        ] {
            assert_eq!(is_global(address.parse().unwrap()), global, "{address}");
        }
    }

    /// The same question asked of the standard library and of plain ranges.
    fn certainly_special(address: IpAddr) -> bool {
        match address {
            IpAddr::V4(v4) => special_v4(v4),
            IpAddr::V6(v6) => {
                let first = v6.segments()[0];
                let inner = u32::try_from(u128::from(v6) & 0xffff_ffff).unwrap();
                let holds_v4 = v6.to_ipv4().is_some() || v6.segments()[..2] == [0x64, 0xff9b];
                v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local()
                    || (0xfec0..=0xfeff).contains(&first)
                    || first == 0x2002
                    || (holds_v4 && special_v4(inner.into()))
                    || v6.to_string().starts_with("2001:db8:")
                    || (first == 0x2001 && v6.segments()[1] < 0x200)
                    || (0x100..0x200).contains(&first)
            }
        }
    }

    fn special_v4(address: Ipv4Addr) -> bool {
        let number = u32::from(address);
        address.is_private()
            || address.is_loopback()
            || address.is_link_local()
            || address.is_unspecified()
            || address.is_broadcast()
            || address.is_documentation()
            || address.is_multicast()
            || !(0x0100_0000..0xf000_0000).contains(&number)
            || (0x6440_0000..=0x647f_ffff).contains(&number)
            || (0xc612_0000..=0xc613_ffff).contains(&number)
            || (0xc000_0000..=0xc000_00ff).contains(&number)
    }

    fn any_v4() -> impl Strategy<Value = u32> {
        let near = prop::sample::select(vec![
            0x0a00_0000_u32,
            0x6440_0000,
            0x7f00_0000,
            0xa9fe_0000,
            0xac10_0000,
            0xc000_0000,
            0xc0a8_0000,
            0xc612_0000,
        ]);
        prop_oneof![
            any::<u32>(),
            (near, 0..=0x00ff_ffff_u32).prop_map(|(base, more)| base.wrapping_add(more))
        ]
    }

    fn any_address() -> impl Strategy<Value = IpAddr> {
        let prefix = prop::sample::select(vec![
            0_u128,
            0xffff << 32,
            0x0064_ff9b << 96,
            0x2001 << 112,
            0x2001_0db8 << 96,
            0x2002 << 112,
            0xfc00 << 112,
            0xfe80 << 112,
            0xff02 << 112,
        ]);
        prop_oneof![
            any_v4().prop_map(|v4| IpAddr::V4(v4.into())),
            any::<u128>().prop_map(|v6| IpAddr::V6(v6.into())),
            any::<u128>().prop_map(|v6| IpAddr::V6((v6 >> 3 | 1 << 125).into())),
            (prefix, any_v4())
                .prop_map(|(prefix, v4)| IpAddr::V6((prefix | u128::from(v4)).into())),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn no_special_address_is_global(address in any_address()) {
            prop_assert!(!(certainly_special(address) && is_global(address)), "{address}");
        }

        /// The other way round, so that the rule is not simply "no".
        #[test]
        fn other_v4_addresses_are_global(number in any::<u32>()) {
            let address = Ipv4Addr::from(number);
            let relays = [[192, 31, 196], [192, 52, 193], [192, 88, 99], [192, 175, 48]];
            let relay = relays.iter().any(|net| address.octets().starts_with(net));
            prop_assert_eq!(is_global(address.into()), !special_v4(address) && !relay);
        }
    }
}

//! Numbers that are made, said and written: what is written has the value of what was said.

use proptest::prelude::*;

use super::normalise;

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

fn read_out(digits: &str) -> String {
    digits
        .chars()
        .map(|c| c.to_digit(10).map_or(c, |d| DIGITS[d as usize]))
        .collect()
}

/// A number below ten thousand as it is said, 零 where units are left out.
fn said_below_wan(n: u64, head: bool) -> String {
    let mut out = String::new();
    let (mut skipped, mut rest) = (false, n);
    for (unit, name) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = rest / unit;
        rest %= unit;
        if digit == 0 {
            skipped = true;
            continue;
        }
        if skipped && (!out.is_empty() || !head) {
            out.push('零');
        }
        skipped = false;
        if !(unit == 10 && digit == 1 && out.is_empty() && head) {
            out.push(DIGITS[usize::try_from(digit).unwrap_or(0)]);
        }
        out.push_str(name);
    }
    out
}

fn said(n: u64) -> String {
    match (n / 10_000, n % 10_000) {
        (0, low) => said_below_wan(low, true),
        (high, 0) => format!("{}万", said(high)),
        (high, low) => format!("{}万{}", said(high), said_below_wan(low, false)),
    }
}

/// The value of what is written.
fn value(written: &str) -> Option<u64> {
    match written.strip_suffix('万') {
        Some(wan) => wan.parse::<u64>().ok()?.checked_mul(10_000),
        None => written.parse().ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_number_keeps_its_value(n in prop_oneof![11_u64..1_000, 11_u64..100_000_000]) {
        prop_assert_eq!(value(&normalise(&said(n))), Some(n), "{}", said(n));
    }

    #[test]
    fn a_sum_keeps_its_value(yuan in 11_u64..10_000_000, jiao in 1_usize..10, fen in 1_usize..10) {
        let spoken = format!("补了{}元{}角{}分", said(yuan), DIGITS[jiao], DIGITS[fen]);
        prop_assert_eq!(normalise(&spoken), format!("补了{yuan}.{jiao}{fen}元"));
        let spoken = format!("补了{}块零{}分钱", said(yuan), DIGITS[fen]);
        prop_assert_eq!(normalise(&spoken), format!("补了{yuan}.0{fen}元"));
    }

    #[test]
    fn a_decimal_keeps_its_value(whole in 0_u64..1_000, places in "[0-9]{1,4}", of in "百分点|月|小时") {
        let whole_said = if whole == 0 { "零".to_owned() } else { said(whole) };
        let spoken = format!("多了{whole_said}点{}个{of}", read_out(&places));
        prop_assert_eq!(normalise(&spoken), format!("多了{whole}.{places}个{of}"));
    }

    #[test]
    fn a_share_keeps_its_value(n in 1_u64..301, short in any::<bool>()) {
        let head = if short { "百分" } else { "百分之" };
        prop_assert_eq!(normalise(&format!("单位{head}{}的", said(n))), format!("单位{n}%的"));
    }

    #[test]
    fn a_date_keeps_its_value(year in 1949_u64..2050, month in 1_u64..13, day in 1_u64..32) {
        let spoken = format!("从{}年{}月{}号起", read_out(&year.to_string()), said(month), said(day));
        prop_assert_eq!(normalise(&spoken), format!("从{year}年{month}月{day}日起"));
        let full = format!("{}年的", said(year));
        prop_assert_eq!(normalise(&full), format!("{year}年的"));
    }

    #[test]
    fn digits_read_out_stay_whole(digits in "[0-9]{3,19}", before in "您好|正好|尾号|打|", after in "来问|一直占线|好|，|") {
        // 七七八八 is an idiom too.
        prop_assume!(digits != "7788");
        let spoken = format!("{before}{}{after}", read_out(&digits));
        prop_assert_eq!(normalise(&spoken), format!("{before}{digits}{after}"));
    }

    #[test]
    fn written_digits_pass(text in "[0-9年月日号元点个%.，人岁第的了天到]{0,16}") {
        prop_assert_eq!(normalise(&text), text);
    }

    #[test]
    fn a_second_pass_changes_nothing(
        text in "[零一二两三四五六七八九十百千万亿幺点年月日号元块角毛分钱个之第周岁天到半几来数2 5.人发〔〕级下直E]{0,14}"
    ) {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn anything_goes_in(text in any::<String>()) {
        let _ = normalise(&text);
    }
}

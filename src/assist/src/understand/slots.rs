//! What the caller has said of themselves, as far as a calculation needs it.

use sidetone_knowledge::RegionCode;

use super::entity::{Found, Value};
use super::text::{has_any, slice};

/// Near a duration: it is not how long someone paid or worked.
const NOT_OF_WORK: &[&str] = &[
    "等了",
    "失业了",
    "拖了",
    "去世",
    "拖欠",
    "欠我",
    "欠了",
    "没发",
    "工资没",
    "之内",
    "以内",
    "超过",
    "提前",
    "过了",
    "领了",
];

/// Whose retirement age applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worker {
    /// 男职工.
    Man,
    /// 女职工 whose age was 55.
    WomanCadre,
    /// 女职工 whose age was 50.
    WomanWorker,
    /// A woman, of which kind was not said.
    Woman,
}

/// Said by the caller over the whole call; the last word counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slots {
    /// Months paid in.
    pub paid: Option<u32>,
    /// Months worked for the employer.
    pub served: Option<u32>,
    /// CNY a month.
    pub wage: Option<f64>,
    /// Year and month of birth.
    pub born: Option<(i16, Option<i8>)>,
    /// Years of age.
    pub age: Option<u32>,
    /// Whose rules apply.
    pub worker: Option<Worker>,
    /// Where the matter is, GB/T 2260; `None` while nothing but the line's own place is spoken of.
    pub region: Option<RegionCode>,
}

impl Slots {
    /// Takes what a caller's turn says; tells whether something became known or changed.
    pub(crate) fn take(&mut self, text: &[char], found: &[Found]) -> bool {
        let before = self.clone();
        for entity in found {
            self.take_one(text, entity);
        }
        self.take_worker(text);
        *self != before
    }

    fn take_one(&mut self, text: &[char], entity: &Found) {
        let near = slice(
            text,
            entity.range.start.saturating_sub(8)..(entity.range.end + 6).min(text.len()),
        );
        let near: Vec<char> = near.chars().collect();
        match entity.value {
            Value::Months(months) if months > 1 && !has_any(&near, NOT_OF_WORK) => {
                let paid = has_any(&near, &["交", "缴", "保险", "社保", "参保"]);
                let served = has_any(&near, &["干", "工作", "上班", "入职", "工龄", "待了"]);
                if paid || !served {
                    self.paid = Some(months);
                }
                if served || !paid {
                    self.served = Some(months);
                }
            }
            Value::Amount(amount)
                if has_any(
                    &near,
                    &["工资", "月薪", "薪", "挣", "收入", "发", "拿", "到手", "个月", "每月"],
                ) =>
            {
                self.wage = Some(amount);
            }
            Value::Date {
                year: Some(year),
                month,
                ..
            } if year < 2015 && has_any(&near, &["生", "年的", "属"]) => {
                self.born = Some((year, month));
            }
            Value::Age(years) => self.age = Some(years),
            _ => {}
        }
    }

    fn take_worker(&mut self, text: &[char]) {
        let man = ["我是男", "男的", "男职工", "男同志", "男性"];
        let woman = ["我是女", "女的", "女职工", "女同志", "女性", "女工"];
        if has_any(text, &["女干部", "管理岗", "干部"]) && self.worker != Some(Worker::Man) {
            self.worker = Some(Worker::WomanCadre);
        } else if has_any(text, &["女工人", "工人岗", "生产岗", "一线女工"]) {
            self.worker = Some(Worker::WomanWorker);
        } else if has_any(text, &man) {
            self.worker = Some(Worker::Man);
        } else if has_any(text, &woman) && !matches!(self.worker, Some(Worker::WomanCadre | Worker::WomanWorker)) {
            self.worker = Some(Worker::Woman);
        }
    }
}

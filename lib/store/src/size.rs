//! How large DynamoDB takes an item to be. Statuses rewrite a message's item, and each further
//! kilobyte of it would cost a unit at every status, so it is cut to fit before it is written.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// Bytes of an item: names and values (DynamoDB developer guide, "item sizes and formats").
#[must_use]
pub fn item_size(item: &HashMap<String, AttributeValue>) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + value_size(value))
        .sum()
}

fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number_size(number),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|n| number_size(n)).sum(),
        AttributeValue::Bs(blobs) => blobs.iter().map(|b| b.as_ref().len()).sum(),
        AttributeValue::M(map) => {
            3 + map
                .iter()
                .map(|(name, value)| 1 + name.len() + value_size(value))
                .sum::<usize>()
        }
        AttributeValue::L(list) => 3 + list.iter().map(|v| 1 + value_size(v)).sum::<usize>(),
        _ => 1,
    }
}

/// One byte for two significant digits, one more, and one for a minus; zeros at the ends are free.
fn number_size(number: &str) -> usize {
    let digits = number.trim_start_matches('-');
    let significant = digits.replace('.', "").trim_matches('0').len();
    significant.div_ceil(2) + 1 + usize::from(number.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_at_the_end_of_a_number_are_free() {
        assert_eq!(number_size("1790000000000000000"), 3);
        assert_eq!(number_size("1790000000123456789"), 11);
        assert_eq!(number_size("-1"), 3);
        assert_eq!(number_size("0"), 1);
    }
}

//! What one unit of a line costs: units of the same price make one group.

use bakery_nats::messages::inventory::ReservedUnit;
use bakery_nats::requests::orders::Price;

/// The groups of a line, the dearest first. A line that is not reserved has none.
pub(crate) fn prices(units: &[ReservedUnit]) -> Vec<Price> {
    let mut groups: Vec<Price> = Vec::new();
    for unit in units {
        let ReservedUnit { price: unit_price, full_price, .. } = *unit;
        let same =
            groups.iter_mut().find(|g| (g.unit_price, g.full_price) == (unit_price, full_price));
        match same {
            Some(group) => group.quantity += 1,
            None => groups.push(Price { quantity: 1, unit_price, full_price }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.unit_price));
    groups
}

#[cfg(test)]
mod tests {
    use super::prices;
    use bakery_nats::messages::inventory::ReservedUnit;
    use bakery_nats::requests::orders::Price;
    use chrono::DateTime;
    use uuid::Uuid;

    #[test]
    fn units_of_one_price_are_one_group_and_the_dearest_comes_first() {
        let unit = |n, price, full_price| ReservedUnit {
            id: Uuid::from_u128(n),
            price,
            full_price,
            baked_at: DateTime::UNIX_EPOCH,
            batch_id: None,
        };
        let units =
            [unit(1, 75, Some(150)), unit(2, 150, None), unit(3, 75, Some(150)), unit(4, 75, None)];
        let group = |quantity, unit_price, full_price| Price { quantity, unit_price, full_price };
        let expected = [group(1, 150, None), group(2, 75, Some(150)), group(1, 75, None)];
        assert_eq!(prices(&units), expected);
        assert!(prices(&[]).is_empty());
    }
}

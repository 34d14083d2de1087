package dev.sluice.budget;

import java.util.List;
import java.util.Optional;

/**
 * Some of a budget's users, in no order.
 *
 * @param users may be fewer than asked for, even none, though there are more
 * @param next where to go on; empty at the end
 */
public record BudgetPage(List<Usage> users, Optional<String> next) {
    public BudgetPage {
        users = List.copyOf(users);
    }
}

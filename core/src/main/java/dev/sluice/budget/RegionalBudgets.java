package dev.sluice.budget;

import dev.sluice.region.Homes;
import java.util.List;
import java.util.Optional;

/** Each user's budgets in the user's home region, since what one user has cannot be divided. */
final class RegionalBudgets implements Budgets {
    private static final String BETWEEN = ".";

    private final Homes<Budgets> regions;

    RegionalBudgets(Homes<Budgets> regions) {
        this.regions = regions;
    }

    @Override
    public Consumption consume(Budget budget, BudgetUser user) {
        return home(user.id()).consume(budget, user);
    }

    @Override
    public Usage usage(Budget budget, long user) {
        return home(user).usage(budget, user);
    }

    @Override
    public Usage grant(Budget budget, long user, long messages) {
        return home(user).grant(budget, user, messages);
    }

    @Override
    public boolean reset(Budget budget, long user) {
        return home(user).reset(budget, user);
    }

    /** A cursor is a region's number in the order of names, and that region's own cursor. */
    @Override
    public BudgetPage scan(Budget budget, String cursor, int about) {
        int at = 0;
        String within = START;
        if (!cursor.equals(START)) {
            int dot = cursor.indexOf(BETWEEN);
            at = dot < 1 ? -1 : number(cursor.substring(0, dot));
            within = cursor.substring(dot + 1);
        }
        if (at < 0 || at >= regions.names().size()) {
            throw new IllegalArgumentException("no scan goes on at this cursor");
        }
        BudgetPage page = regions.in(regions.names().get(at)).scan(budget, within, about);
        int next = at;
        Optional<String> more = page.next();
        if (more.isEmpty() && at + 1 < regions.names().size()) {
            next = at + 1;
            more = Optional.of(START);
        }
        int region = next;
        return new BudgetPage(page.users(), more.map(own -> region + BETWEEN + own));
    }

    /** All at once: each may take its two seconds. */
    @Override
    public void close() {
        List<Thread> closing = regions.names().stream()
                .map(region -> Thread.startVirtualThread(regions.in(region)::close))
                .toList();
        try {
            for (Thread one : closing) {
                one.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,2}") ? Integer.parseInt(text) : -1;
    }

    private Budgets home(long user) {
        return regions.of("user/" + user);
    }
}

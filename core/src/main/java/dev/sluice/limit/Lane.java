package dev.sluice.limit;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The calls that keep their order among each other: one ahead, the others behind. Guarded by its room's lock. */
final class Lane {
    final TreeSet<Ticket> behind = new TreeSet<>();

    @Nullable Ticket head;

    boolean isHeadedBy(Ticket ticket) {
        Ticket first = head;
        return first != null && first.equals(ticket);
    }

    /** What those before a ticket of this lane weigh. */
    long weightAhead(Ticket ticket) {
        Ticket first = head;
        long weight = Ticket.weight(behind.headSet(ticket));
        return first == null || first.equals(ticket) ? weight : weight + first.weight();
    }
}

package dev.sluice.simulator;

import dev.sluice.simulator.FloodLimits.Limit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The flood rules once more, written as they are said and with no care for speed. */
final class PlainFloodModel {
    private record Spent(long at, int weight) {}

    private final class Scope {
        final Limit limit;
        final List<Spent> spent = new ArrayList<>();
        long blockedUntil = Long.MIN_VALUE;
        long lastCounted;
        long block;

        Scope(Limit limit) {
            this.limit = limit;
        }

        /** Whether the window that ends now would hold it. */
        boolean hasRoom(long now, int weight) {
            long window = limit.window().minus(limits.tolerance()).toNanos();
            long inside = spent.stream()
                    .filter(s -> s.at() > now - window)
                    .mapToLong(Spent::weight)
                    .sum();
            return inside == 0 || inside + weight <= limit.count();
        }

        int deny(long now, int weight) {
            long unit = limits.retryAfterUnit().toNanos();
            if (now >= blockedUntil) {
                block = unit;
                while (!hasRoom(now + block, weight)) {
                    block += unit;
                }
                blockedUntil = now + block;
                lastCounted = now;
            } else if (now - lastCounted >= limits.escalationGrace().toNanos()) {
                block = Math.max(block, Math.min(limits.retryAfterCap().toNanos(), 2 * block));
                blockedUntil = Math.max(blockedUntil, now + block);
                lastCounted = now;
            }
            int units = 1;
            while (now + units * unit < blockedUntil) {
                units++;
            }
            return units;
        }
    }

    private final FloodLimits limits;
    private final Map<String, Scope> scopes = new HashMap<>();

    PlainFloodModel(FloodLimits limits) {
        this.limits = limits;
    }

    int admit(long now, long chat, int weight, boolean paid) {
        List<Scope> all = new ArrayList<>();
        all.add(scope(paid ? "paid" : "bot", paid ? limits.paidBroadcast() : limits.bot()));
        all.add(scope("chat" + chat, limits.chat()));
        if (chat < 0) {
            all.add(scope("group" + chat, limits.group()));
        }
        int retryAfter = 0;
        for (Scope scope : all) {
            if (now < scope.blockedUntil || !scope.hasRoom(now, weight)) {
                retryAfter = Math.max(retryAfter, scope.deny(now, weight));
            }
        }
        if (retryAfter == 0) {
            all.forEach(scope -> scope.spent.add(new Spent(now, weight)));
        }
        return retryAfter;
    }

    private Scope scope(String name, Limit limit) {
        return scopes.computeIfAbsent(name, unseen -> new Scope(limit));
    }
}

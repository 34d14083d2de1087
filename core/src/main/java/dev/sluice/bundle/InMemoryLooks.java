package dev.sluice.bundle;

import dev.sluice.telegram.BotId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;

/** Of each bot, who has something unhandled, by when somebody must look. Not thread-safe. */
final class InMemoryLooks {
    /** @param at microseconds since 1970 */
    record Moment(long at, Conversation conversation) {
        static final Comparator<Moment> ORDER = Comparator.comparingLong(Moment::at)
                .thenComparing(moment -> moment.conversation().name())
                .thenComparingLong(moment -> moment.conversation().bot().value());
    }

    private final Map<BotId, TreeSet<Moment>> looks = new HashMap<>();
    private int size;

    /** Not to be kept beyond a change. */
    TreeSet<Moment> of(BotId bot) {
        return looks.getOrDefault(bot, new TreeSet<>(Moment.ORDER));
    }

    OptionalLong next(BotId bot) {
        TreeSet<Moment> all = of(bot);
        return all.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(all.first().at());
    }

    /** Of all bots. */
    int size() {
        return size;
    }

    void add(Moment moment) {
        looks.computeIfAbsent(moment.conversation().bot(), any -> new TreeSet<>(Moment.ORDER))
                .add(moment);
        size++;
    }

    void remove(Moment moment) {
        BotId bot = moment.conversation().bot();
        TreeSet<Moment> all = of(bot);
        all.remove(moment);
        size--;
        if (all.isEmpty()) {
            looks.remove(bot);
        }
    }
}

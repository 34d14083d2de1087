package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.telegram.BotId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LimitsWatchTest {
    private static final BotId BOT = new BotId(1);

    private final List<String> heard = new ArrayList<>();
    private boolean away;

    private final LimitsWatch watch = new LimitsWatch(
            bot -> heard.add("calls"),
            bot -> {
                if (away) {
                    throw new RedisUnavailableException(Reason.NOT_CONNECTED, "away", false, null);
                }
                heard.add("messages");
            },
            bot -> false);

    @Test
    void what_waits_is_judged_at_once_and_at_the_next_look_again() {
        watch.looked(Set.of(BOT));
        watch.looked(Set.of());
        watch.looked(Set.of());

        assertThat(heard).containsExactly("calls", "messages", "calls", "messages");
    }

    @Test
    void what_could_not_be_done_is_tried_again_until_it_was() {
        away = true;
        watch.looked(Set.of(BOT));
        watch.looked(Set.of());
        watch.looked(Set.of());
        away = false;
        watch.looked(Set.of());
        watch.looked(Set.of());
        watch.looked(Set.of());

        assertThat(heard).containsExactly("calls", "calls", "calls", "calls", "messages", "calls", "messages");
    }
}

package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AsideCountTest {
    private final List<BotId> asked = new ArrayList<>();
    private boolean away;
    private final AsideCount count = new AsideCount(bot -> {
        if (away) {
            throw new RedisUnavailableException("away", false, null);
        }
        asked.add(bot);
        return bot.value();
    });

    @Test
    void each_bot_is_asked_for_once_until_something_changes_here() {
        assertThat(count.now()).isZero();
        count.saw(new BotId(2));
        count.saw(new BotId(3));
        count.saw(new BotId(3));
        count.changed();
        assertThat(count.now()).isEqualTo(5);
        assertThat(count.now()).isEqualTo(5);
        assertThat(asked).containsExactlyInAnyOrder(new BotId(2), new BotId(3));
        count.changed();
        assertThat(count.now()).isEqualTo(5);
        assertThat(asked).hasSize(4);
    }

    @Test
    void what_could_not_be_counted_is_counted_as_soon_as_it_can_be() {
        count.saw(new BotId(2));
        away = true;
        assertThatThrownBy(count::now).isInstanceOf(RedisUnavailableException.class);
        away = false;
        assertThat(count.now()).isEqualTo(2);
    }

    @Test
    void so_many_bots_are_counted_and_no_more() {
        for (long bot = 1; bot <= 2L * AsideCount.MOST_BOTS; bot++) {
            count.saw(new BotId(bot));
        }
        count.now();
        assertThat(asked).hasSize(AsideCount.MOST_BOTS);
    }
}

package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractListAssert;
import org.assertj.core.api.ObjectAssert;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class TelegramLimitsTest {
    private static final BotId BOT = new BotId(42);
    private static final TelegramLimits LIMITS = TelegramLimits.DOCUMENTED;

    @Test
    void a_message_to_a_user_is_charged_to_bot_and_chat() {
        charged(LIMITS.charges(BOT, Optional.of(ChatId.of(7)), 1, false))
                .containsExactly(tuple("bot", "42", LIMITS.bot(), 1), tuple("chat", "7", LIMITS.chat(), 1));
    }

    @Test
    void a_message_to_a_group_is_charged_to_the_group_besides() {
        charged(LIMITS.charges(BOT, Optional.of(ChatId.of(-100)), 3, false))
                .containsExactly(
                        tuple("bot", "42", LIMITS.bot(), 3),
                        tuple("chat", "-100", LIMITS.chat(), 3),
                        tuple("group", "-100", LIMITS.group(), 3));
    }

    @Test
    void a_paid_message_takes_its_own_lane_and_only_asks_whether_the_bot_is_parked() {
        charged(LIMITS.charges(BOT, Optional.of(ChatId.of(7)), 2, true))
                .containsExactly(
                        tuple("bot", "42", LIMITS.bot(), 0),
                        tuple("paid", "42", LIMITS.paid(), 2),
                        tuple("chat", "7", LIMITS.chat(), 2));
    }

    @Test
    void a_message_without_a_chat_is_charged_to_the_bot() {
        charged(LIMITS.charges(BOT, Optional.empty(), 1, false)).containsExactly(tuple("bot", "42", LIMITS.bot(), 1));
    }

    @Test
    void the_conservative_preset_also_counts_per_user_but_not_per_group_member() {
        Limit perUser = TelegramLimits.CONSERVATIVE.user().orElseThrow();
        assertThat(perUser).isEqualTo(Limit.atMost(1, Duration.ofMinutes(1)));

        charged(TelegramLimits.CONSERVATIVE.charges(BOT, Optional.of(ChatId.of(7)), 1, false))
                .contains(tuple("user", "7", perUser, 1));
        assertThat(TelegramLimits.CONSERVATIVE.charges(BOT, Optional.of(ChatId.of(-7)), 1, false))
                .extracting(charge -> charge.bucket().scope())
                .containsExactly("bot", "chat", "group");
    }

    @Test
    void a_name_never_stands_in_a_key() {
        assertThat(LIMITS.charges(BOT, Optional.of(new ChatId("@Some_Channel")), 1, false))
                .hasSize(3)
                .allSatisfy(charge -> assertThat(charge.bucket().subject()).doesNotContainIgnoringCase("some"));
        assertThat(TelegramLimits.chatBucket(BOT, new ChatId("no id { at all }"))
                        .subject())
                .startsWith("~")
                .hasSize(33);
    }

    @Test
    void all_buckets_of_a_message_share_the_bots_tag() {
        assertThat(Acquisition.of(TelegramLimits.CONSERVATIVE.charges(BOT, Optional.of(ChatId.of(7)), 1, true))
                        .tag())
                .isEqualTo("42");
    }

    private static AbstractListAssert<?, List<? extends Tuple>, Tuple, ObjectAssert<Tuple>> charged(
            List<Charge> charges) {
        return assertThat(charges)
                .extracting(
                        charge -> charge.bucket().scope(),
                        charge -> charge.bucket().subject(),
                        Charge::limit,
                        Charge::weight);
    }
}

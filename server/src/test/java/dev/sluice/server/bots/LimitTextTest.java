package dev.sluice.server.bots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class LimitTextTest {
    @ParameterizedTest
    @CsvSource({
        "25/1s, 25, 1000, 25/1s",
        "25/1, 25, 1000, 25/1s",
        "20/60s, 20, 60000, 20/1m",
        "1/1500ms, 1, 1500, 1/1500ms",
        "10000/31d, 10000, 2678400000, 10000/31d",
        "3/1h, 3, 3600000, 3/1h"
    })
    void a_limit_is_read_and_shown_in_the_largest_unit(String text, int capacity, long millis, String shown) {
        Optional<Limit> limit = LimitText.parse(text);

        assertThat(limit).contains(Limit.atMost(capacity, Duration.ofMillis(millis)));
        assertThat(LimitText.show(limit)).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "25",
                "25/",
                "/1s",
                "0/1s",
                "10001/1s",
                "1/0s",
                "1/32d",
                "1/9999999999d",
                "-1/1s",
                "1.5/1s",
                "1/1w",
                "off",
                " 1/1s"
            })
    void what_is_no_limit_is_none(String text) {
        assertThat(LimitText.parse(text)).isEmpty();
    }

    @Test
    void what_is_set_goes_over_the_settings_and_what_is_null_back_to_them() {
        SetLimits set =
                patched(SetLimits.NONE, "{\"bot\":\"5/1s\",\"user\":\"1/1m\",\"replies\":\"off\",\"shadow\":true}");
        TelegramLimits settings =
                TelegramLimits.DOCUMENTED.withReplies(Optional.of(Limit.atMost(60, Duration.ofSeconds(1))));

        TelegramLimits holding = set.over(settings);
        assertThat(holding.bot()).isEqualTo(Limit.atMost(5, Duration.ofSeconds(1)));
        assertThat(holding.chat()).isEqualTo(settings.chat());
        assertThat(holding.user()).contains(Limit.atMost(1, Duration.ofMinutes(1)));
        assertThat(holding.replies()).isEmpty();
        assertThat(holding.shadow()).isTrue();

        SetLimits later = patched(set, "{\"bot\":null,\"replies\":null,\"shadow\":null,\"chat\":\"2/1s\"}");
        assertThat(later.over(settings).bot()).isEqualTo(settings.bot());
        assertThat(later.over(settings).replies()).isEqualTo(settings.replies());
        assertThat(later.over(settings).shadow()).isFalse();
        assertThat(later.has(LimitScope.USER)).isTrue();
        assertThat(SetLimitsJson.read(SetLimitsJson.write(later))).isEqualTo(later);
        assertThat(SetLimitsJson.read(SetLimitsJson.write(set))).isEqualTo(set);
        assertThat(SetLimits.NONE.over(settings)).isEqualTo(settings);
    }

    @Test
    void only_what_need_not_be_can_be_off() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> patched(SetLimits.NONE, "{\"bot\":\"off\"}"))
                .withMessageContaining("1 to 10000 messages in 1ms to 31d");
        assertThatIllegalArgumentException().isThrownBy(() -> SetLimits.NONE.with(LimitScope.CHAT, Optional.empty()));
    }

    private static SetLimits patched(SetLimits before, String change) {
        return SetLimitsJson.patched(before, JsonMapper.shared().readTree(change));
    }
}

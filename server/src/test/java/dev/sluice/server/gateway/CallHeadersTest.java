package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.telegram.Priority;
import io.vertx.core.MultiMap;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallHeadersTest {
    @Test
    void nothing_asked_is_nothing_asked() {
        CallHeaders headers = read();

        assertThat(headers.maxWait()).isEmpty();
        assertThat(headers.priority()).isEmpty();
        assertThat(headers.async()).isEmpty();
        assertThat(headers.skipLimits()).isFalse();
        assertThat(headers.idempotencyKey()).isEmpty();
        assertThat(headers.keep()).isEmpty();
        assertThat(headers.dedupeByContent()).isEmpty();
    }

    @Test
    void what_is_asked_is_read_in_any_case() {
        CallHeaders headers = read(
                "x-sluice-max-wait",
                "2.5",
                "X-SLUICE-PRIORITY",
                "High",
                "X-Sluice-Skip-Limits",
                "TRUE",
                "idempotency-key",
                "order 17!",
                "X-Sluice-Idempotency-TTL",
                "3600",
                "X-Sluice-Dedupe",
                "content");

        assertThat(headers.maxWait()).contains(Duration.ofMillis(2500));
        assertThat(headers.priority()).contains(Priority.HIGH);
        assertThat(headers.skipLimits()).isTrue();
        assertThat(headers.idempotencyKey()).contains("order 17!");
        assertThat(headers.keep()).contains(Duration.ofHours(1));
        assertThat(headers.dedupeByContent()).contains(true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "order-17 | order-17",
                "\"order-17\" | order-17",
                "\"order-17\";v=1 | order-17",
                "\"a \\\"b\\\" \\\\ c\" | a \"b\" \\ c",
                "a\"b | a\"b",
                "it's; fine | it's; fine"
            })
    void a_key_is_a_quoted_string_or_the_same_text_bare(String value, String key) {
        assertThat(read("Idempotency-Key", value).idempotencyKey()).contains(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "\"\"", "\"open", "\"a\"b", "\"a\\b\"", "\"a\", \"b\""})
    void what_begins_as_a_quoted_string_must_be_one(String value) {
        assertThatThrownBy(() -> read("Idempotency-Key", value))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("bare or as a quoted string");
    }

    @Test
    void a_key_has_255_characters_at_most_however_it_is_written() {
        String longest = "k".repeat(255);
        assertThat(read("Idempotency-Key", "\"" + longest + "\"").idempotencyKey())
                .contains(longest);
        for (String tooLong : new String[] {longest + "k", "\"" + longest + "k\""}) {
            assertThatThrownBy(() -> read("Idempotency-Key", tooLong)).isInstanceOf(Refusal.class);
        }
    }

    @Test
    void whether_it_answers_a_message_a_call_may_say_itself() {
        assertThat(read().reply()).isEmpty();
        assertThat(read("X-Sluice-Reply", "true").reply()).contains(true);
        assertThat(read("x-sluice-reply", "False").reply()).contains(false);
        assertThatThrownBy(() -> read("X-Sluice-Reply", "perhaps"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("true or false");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.0, 0", "600, 600000", "0.001, 1", "599.999999999, 599999"})
    void waits_are_decimal_seconds(String text, long millis) {
        assertThat(read("X-Sluice-Max-Wait", text).maxWait().orElseThrow().toMillis())
                .isEqualTo(millis);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "X-Sluice-Max-Wait | -1",
                "X-Sluice-Max-Wait | 600.1",
                "X-Sluice-Max-Wait | 1e2",
                "X-Sluice-Max-Wait | abc",
                "X-Sluice-Max-Wait | ''",
                "X-Sluice-Max-Wait | 1,5",
                "X-Sluice-Max-Wait | NaN",
                "X-Sluice-Max-Wait | 99999999999999999999",
                "X-Sluice-Priority | urgent",
                "X-Sluice-Skip-Limits | maybe",
                "Idempotency-Key | ''",
                "Idempotency-Key | ключ",
                "X-Sluice-Idempotency-TTL | 0",
                "X-Sluice-Idempotency-TTL | 2678401",
                "X-Sluice-Idempotency-TTL | 1.5",
                "X-Sluice-Dedupe | yes"
            })
    void a_bad_value_is_answered_with_its_header_its_value_and_what_is_accepted(String name, String value) {
        assertThatThrownBy(() -> read(name, value))
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> assertThat(refusal.answer().status()).isEqualTo(400))
                .hasMessageContaining("header " + name + " is '" + value.replaceAll("[^ -~]", "?"))
                .hasMessageContaining("accepted: ");
    }

    @Test
    void a_key_of_256_characters_is_too_long() {
        assertThat(read("Idempotency-Key", "k".repeat(255)).idempotencyKey()).isPresent();
        assertThatThrownBy(() -> read("Idempotency-Key", "k".repeat(256))).isInstanceOf(Refusal.class);
    }

    @Test
    void a_header_given_twice_is_ambiguous() {
        assertThatThrownBy(() -> read("X-Sluice-Max-Wait", "1", "X-Sluice-Max-Wait", "2"))
                .hasMessageContaining("2 times");
    }

    @Test
    void a_header_that_does_not_exist_is_named_with_those_that_do() {
        assertThatThrownBy(() -> read("X-Sluice-Maxwait", "1"))
                .hasMessageContaining("X-Sluice-Maxwait")
                .hasMessageContaining("X-Sluice-Max-Wait");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "respond-async | 0",
                "Respond-Async; foo=1 | 0",
                "respond-async, wait=10 | 10",
                "wait=10,respond-async | 10",
                "wait=\"5\", respond-async, wait=7 | 5",
                "respond-async, wait=100000 | 600",
                "respond-async, wait=soon | 0",
                "handling=lenient, respond-async, wait | 0"
            })
    void an_asynchronous_answer_may_be_preferred_at_once_or_after_a_wait(String value, long seconds) {
        assertThat(read("Prefer", value).async().map(Preference::patience)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"return=minimal, wait=3", "respond-asynchronously", "x=respond-async", ""})
    void other_preferences_are_ignored(String value) {
        assertThat(read("Prefer", value).async()).isEmpty();
    }

    @Test
    void preferences_may_be_spread_over_several_headers() {
        assertThat(read("Prefer", "wait=3", "Prefer", "respond-async").async().map(Preference::patience))
                .contains(Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @CsvSource({"X-Sluice-Max-Wait, 1", "X-Sluice-Skip-Limits, true", "X-Sluice-Idempotency-TTL, 60"})
    void what_only_a_waiting_call_can_have_does_not_go_with_an_asynchronous_answer(String name, String value) {
        assertThatThrownBy(() -> read("Prefer", "respond-async", name, value))
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> assertThat(refusal.answer().status()).isEqualTo(400))
                .hasMessageContaining(name);
    }

    @Test
    void a_token_in_the_wrong_place_is_not_repeated() {
        assertThatThrownBy(() -> read("X-Sluice-Priority", GatewayFixture.TOKEN))
                .hasMessageContaining("[redacted]")
                .hasMessageNotContaining("secret");
    }

    private static CallHeaders read(String... pairs) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < pairs.length; i += 2) {
            headers.add(pairs[i], pairs[i + 1]);
        }
        return CallHeaders.of(headers);
    }
}

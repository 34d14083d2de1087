package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {
    @ParameterizedTest
    @CsvSource({
        "42, 42",
        "-100123, -100123",
        "042, 42",
        "42x, 42",
        "' 42', 42",
        "-0042abc, -42",
        "@Durov_1, @durov_1",
        "42.0, 42"
    })
    void two_spellings_that_telegram_reads_as_one_chat_are_one_chat(String text, String chat) {
        var parameters = new Parameters();
        parameters.add("chat_id", text);

        assertThat(parameters.chat()).contains(new ChatId(chat));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "x42", "@", "@a b", "@a{b}", "--1", "9999999999999999999999", "{}", "null"})
    void what_telegram_does_not_know_as_a_chat_is_none(String text) {
        var parameters = new Parameters();
        parameters.add("chat_id", text);

        assertThat(parameters.chat()).isEmpty();
    }

    @Test
    void of_two_equal_names_the_first_counts_and_the_query_comes_before_the_body() {
        assertThat(json("chat_id=1", "{\"chat_id\":2}").chat()).contains(ChatId.of(1));
        assertThat(json("", "{\"chat_id\":3,\"chat_id\":4}").chat()).contains(ChatId.of(3));
        assertThat(json("chat_id=5&chat_id=6", "").chat()).contains(ChatId.of(5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sendMediaGroup | media | [1,2,3] | 3",
                "SENDMEDIAGROUP | media | [1,2,3] | 3",
                "sendMediaGroup | media | [] | 1",
                "sendMediaGroup | media | [1,2 | 1",
                "sendMediaGroup | media | {} | 1",
                "sendMediaGroup | other | [1,2] | 1",
                "copyMessages | message_ids | [1,2,3,4] | 4",
                "forwardmessages | message_ids | [1,2] | 2",
                "sendMessage | media | [1,2] | 1"
            })
    void a_call_costs_its_messages(String method, String name, String value, int cost) {
        var form = new Parameters();
        form.add(name, value);

        assertThat(form.cost(new Method(method))).isEqualTo(cost);
    }

    @Test
    void an_array_in_a_json_body_costs_its_length_and_no_more_than_telegram_takes() {
        assertThat(json("", "{\"media\":[{},{}]}").cost(new Method("sendMediaGroup")))
                .isEqualTo(2);
        String many = "[" + "1,".repeat(5000) + "1]";
        assertThat(json("", "{\"message_ids\":" + many + "}").cost(new Method("copyMessages")))
                .isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "True", "1", "yes"})
    void the_paid_lane_is_seen(String value) {
        assertThat(json("allow_paid_broadcast=" + value, "").isPaid()).isTrue();
        assertThat(json("", "{\"allow_paid_broadcast\":true}").isPaid()).isTrue();
        assertThat(json("allow_paid_broadcast=0", "").isPaid()).isFalse();
    }

    @Test
    void structures_count_by_meaning_and_texts_by_letter() {
        String structure = "{\"reply_markup\":{\"a\":[1, 2]},\"text\":\"t\"}";
        assertThat(json("", structure).fingerprint())
                .isEqualTo(json("reply_markup=%7B%22a%22:[1,2]%7D&text=t", "").fingerprint())
                .isEqualTo(json("", "{\"text\":\"t\",\"reply_markup\":\"{\\\"a\\\": [1,2]}\"}")
                        .fingerprint());
        assertThat(json("", "{\"text\":\"[1, 2]\"}").fingerprint())
                .isNotEqualTo(json("", "{\"text\":\"[1,2]\"}").fingerprint());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "\"x\"",
                "{\"a\":}",
                "{\"a\":1}{",
                "{\"a\":1},",
                "nonsense",
                "{\"a\":[}",
                "{\"chat_id\":1,",
                "\u0000"
            })
    void broken_json_is_a_bad_request_that_quotes_nothing(String body) {
        assertThatThrownBy(() -> json("", body))
                .isInstanceOf(Refusal.class)
                .hasMessageMatching("Bad Request: .*JSON.*")
                .hasMessageNotContaining("nonsense");
    }

    @Test
    void nesting_without_end_is_a_bad_request() {
        assertThatThrownBy(() -> json("", "{\"a\":" + "[".repeat(100_000))).isInstanceOf(Refusal.class);
    }

    @Test
    void forms_are_read_as_telegram_reads_them() {
        List<String> pairs = new ArrayList<>();
        FormText.read(
                "a=1&b=x+y%20z&c&&d=%&e=100%25&f=%zz&=g&h=%D0%B4", (name, value) -> pairs.add(name + "|" + value));

        assertThat(pairs).containsExactly("a|1", "b|x y z", "c|", "d|%", "e|100%", "f|%zz", "|g", "h|д");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | chat_id=-9",
                "text=a | chat_id=-9&text=a",
                "chat_id=1&text=%zz+b | chat_id=-9&text=%zz+b",
                "text=a&chat%5Fid=1&chat_id=2&b | chat_id=-9&text=a&b"
            })
    void a_new_chat_comes_first_in_the_query_and_all_else_stays_as_it_was(String query, String moved) {
        assertThat(FormText.withFirst(query, "chat_id", "-9")).isEqualTo(moved);
    }

    private static Parameters json(String query, String body) {
        return ParameterReader.read(query, BodyKind.JSON, Buffer.buffer(body));
    }
}

package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValueTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "false",
                "0",
                "-0",
                "-1.5e+10",
                "1E2",
                "\"\"",
                "\"\\u00e9\\n\\\"\"",
                "[]",
                "{}",
                "[1, [2]]",
                "{\"a\":1,\"b\":{\"c\":[null]}}",
                " \n{ \"a\" : [ ] } ",
                "\"\u007f\"",
                "123456789012345678901234567890"
            })
    void json_is_taken(String text) {
        assertThat(new JsonValue(text).json()).isEqualTo(text.strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nul",
                "nulls",
                "True",
                "01",
                "+1",
                "1.",
                ".5",
                "1e",
                "-",
                "--1",
                "NaN",
                "Infinity",
                "'a'",
                "\"",
                "\"a",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\n\"",
                "[1,]",
                "[,1]",
                "[1 2]",
                "[1",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{a:1}",
                "{\"a\":1,}",
                "1 2",
                "[]]",
                "\u00a01",
                "\u20031",
                "1\u3000",
                "\f1",
                "1\u000b",
                "/*c*/1",
                "\ud800",
                "1\u0000"
            })
    void what_is_no_json_is_refused_without_saying_what_it_is(String text) {
        assertThatThrownBy(() -> new JsonValue(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be JSON");
    }

    @Test
    void what_is_nested_too_deep_is_refused_and_costs_no_stack() {
        String deep = "[".repeat(JsonValue.DEEPEST) + "]".repeat(JsonValue.DEEPEST);
        assertThat(new JsonValue(deep).json()).isEqualTo(deep);
        assertThatThrownBy(() -> new JsonValue("[" + deep + "]")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new JsonValue("[".repeat(1_000_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("100 deep");
    }

    @Property(tries = 500)
    void any_text_comes_back(@ForAll String text) {
        assertThat(JsonValue.of(text).asText()).contains(text);
    }

    @Test
    void half_characters_become_escapes_and_come_back() {
        JsonValue half = JsonValue.of("a\ud83d b\ude00\ud83d\ude00");
        assertThat(half.json()).isEqualTo("\"a\\ud83d b\\ude00\ud83d\ude00\"");
        assertThat(half.asText()).contains("a\ud83d b\ude00\ud83d\ude00");
        assertThat(new JsonValue("\"\\ud83d\\ude00\\/\"").asText()).contains("\ud83d\ude00/");
    }

    @Test
    void values_are_told_apart_and_shown_to_nobody() {
        assertThat(JsonValue.of(7).asWhole()).hasValue(7);
        assertThat(new JsonValue("7.5").asWhole()).isEmpty();
        assertThat(JsonValue.of("7").asWhole()).isEmpty();
        assertThat(JsonValue.of(7).asText()).isEmpty();
        assertThat(JsonValue.of(false).asFlag()).contains(false);
        assertThat(JsonValue.NULL.asFlag()).isEmpty();
        assertThat(JsonValue.of("secret").toString()).doesNotContain("secret");
    }
}

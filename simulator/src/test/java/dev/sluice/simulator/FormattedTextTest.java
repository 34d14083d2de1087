package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormattedTextTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            <b>bold</b> &amp; <i>not</i>          | bold & not | [{"offset":0,"length":4,"type":"bold"},{"offset":7,"length":3,"type":"italic"}]
            <b>a<i>b</i></b>                      | ab         | [{"offset":0,"length":2,"type":"bold"},{"offset":1,"length":1,"type":"italic"}]
            <a href="http://x/?a=1">here</a>      | here       | [{"offset":0,"length":4,"type":"text_link","url":"http://x/?a=1"}]
            <pre><code class="language-c">x</code></pre> | x    | [{"offset":0,"length":1,"type":"pre"}]
            &lt;b&gt; &#65;&#x42; &nbsp; a & b    | <b> AB &nbsp; a & b | null
            <b></b>go /start                      | go /start  | [{"offset":3,"length":6,"type":"bot_command"}]
            """)
    void html_becomes_text_and_entities(String html, String text, String entities) {
        FormattedText parsed = html(html);
        assertThat(parsed.text()).isEqualTo(text);
        assertThat(String.valueOf(parsed.entities())).isEqualTo(entities);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 < 2          | Unsupported start tag "" at byte offset 2
            \u0436<p>x</p> | Unsupported start tag "p" at byte offset 2
            <b>x           | Can't find end tag corresponding to start tag "b"
            x</b>          | Unexpected end tag at byte offset 1
            <b><i>x</b>    | Unmatched end tag at byte offset 7, expected "</i>", found "</b>"
            """)
    void html_that_telegram_refuses_is_refused(String html, String why) {
        assertThatThrownBy(() -> html(html))
                .isInstanceOf(Refusal.class)
                .hasMessageEndingWith("can't parse entities: " + why);
    }

    @Test
    void given_entities_win_and_markdown_stays() {
        ApiCall given = new ApiCall(
                "sendMessage",
                Map.of("text", "<b>x</b>", "entities", "[{\"type\":\"code\",\"offset\":0,\"length\":1}]"),
                Map.of());
        FormattedText text = FormattedText.of(given, "text", "entities");
        assertThat(text.text()).isEqualTo("<b>x</b>");
        assertThat(Objects.requireNonNull(text.entities()).size()).isEqualTo(1);
        assertThat(FormattedText.of(
                                new ApiCall("m", Map.of("text", "*x*", "parse_mode", "MarkdownV2"), Map.of()),
                                "text",
                                "entities")
                        .text())
                .isEqualTo("*x*");
    }

    private static FormattedText html(String html) {
        return FormattedText.of(
                new ApiCall("sendMessage", Map.of("text", html, "parse_mode", "HTML"), Map.of()), "text", "entities");
    }
}

package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundleTest {
    private static final BotId BOT = new BotId(5);
    private static final Instant SENT = Instant.parse("2027-01-15T12:00:00Z");

    private static Bundle bundle(TalkMessage... messages) {
        var id = new BundleId(new Conversation(BOT, -100_123, 7), 1_800_000_000_000_000L);
        return new Bundle(id, 1, 0, SENT, List.of(messages));
    }

    private static TalkMessage says(long id, String text) {
        return TalkMessage.of(id, SENT, text);
    }

    @Test
    void a_text_that_a_client_cut_is_put_together_again_and_lines_stay_lines() {
        String cut = "x".repeat(4_096);
        assertThat(bundle(says(1, cut), says(2, cut), says(3, "rest"), says(4, "next"))
                        .text())
                .isEqualTo(cut + cut + "rest\nnext");
        assertThat(bundle(says(1, "x".repeat(4_095)), says(2, "rest")).text()).endsWith("x\nrest");
    }

    @Test
    void what_was_said_later_or_by_somebody_else_is_no_rest() {
        TalkMessage cut = says(1, "x".repeat(4_096));
        assertThat(bundle(cut, TalkMessage.of(2, SENT.plusSeconds(1), "rest")).text())
                .endsWith("xrest");
        assertThat(bundle(cut, TalkMessage.of(2, SENT.plusSeconds(2), "later")).text())
                .endsWith("x\nlater");
        assertThat(bundle(cut, says(2, "theirs").forwardedFrom("a channel")).text())
                .endsWith("x\ntheirs");
        assertThat(bundle(cut.forwardedFrom("a channel"), says(2, "theirs").forwardedFrom("a channel"))
                        .text())
                .endsWith("xtheirs");
    }

    @Test
    void forwards_keep_their_marks_and_are_no_commands() {
        TalkMessage forward = says(1, "/start").forwardedFrom("a channel");
        assertThat(forward.command()).isFalse();
        Bundle bundle = bundle(forward, says(2, "what do you think?").withData("{\"photo\":\"id\"}"));
        assertThat(bundle.messages().getFirst().forwardedFrom()).contains("a channel");
        assertThat(bundle.messages().getLast().data()).contains("{\"photo\":\"id\"}");
        assertThat(bundle.text()).isEqualTo("/start\nwhat do you think?");
    }

    @Test
    void messages_without_text_are_in_the_bundle_and_not_in_its_text() {
        Bundle bundle = bundle(says(1, ""), says(2, "look"), says(3, "").withData("photo"));
        assertThat(bundle.messages()).hasSize(3);
        assertThat(bundle.text()).isEqualTo("look");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/start", "/start abc", "/help@some_bot", "/a\nb", "/x@y z"})
    void a_command_is_known(String text) {
        assertThat(TalkMessage.isCommand(text)).isTrue();
        assertThat(TalkMessage.isCommand(text + " " + "long".repeat(2_000))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "start", " /start", "/etc/hosts", "/привет", "//", "/a-b", "1/2"})
    void what_only_looks_like_a_command_is_none(String text) {
        assertThat(TalkMessage.isCommand(text)).isFalse();
    }

    @Test
    void an_id_is_read_as_it_was_written() {
        BundleId id = bundle(says(1, "a")).id();
        assertThat(id).hasToString("-100123_7_1800000000000000");
        assertThat(BundleId.parse(BOT, id.toString())).isEqualTo(id);
        for (String wrong : List.of("", "1_2", "1_2_0", "0_2_3", "1_2_3_4", "a_2_3", "1_2_-3")) {
            assertThatThrownBy(() -> BundleId.parse(BOT, wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void messages_are_read_as_they_were_written_and_garbage_is_not() {
        for (TalkMessage message : List.of(
                says(1, ""),
                says(TalkMessage.GREATEST_ID, "смайлик 😀\n\0"),
                says(3, "/start").withData("{}"),
                says(4, "x").forwardedFrom("").bundled())) {
            assertThat(MessageCodec.read(MessageCodec.write(message))).contains(message);
        }
        byte[] written = MessageCodec.write(says(1, "hello"));
        for (int length = 0; length < written.length; length++) {
            assertThat(MessageCodec.read(Arrays.copyOf(written, length))).isEmpty();
        }
        written[0] = 2;
        assertThat(MessageCodec.read(written)).as("of a newer version").isEqualTo(Optional.empty());
    }

    @Test
    void what_somebody_wrote_is_in_no_log() {
        assertThat(bundle(says(1, "secret words").forwardedFrom("a name").withData("more"))
                        .toString())
                .doesNotContain("secret")
                .doesNotContain("a name")
                .doesNotContain("more");
    }

    @Test
    void what_is_no_message_is_refused_with_what_is_accepted() {
        assertThatThrownBy(() -> says(0, "a")).hasMessageContaining("message id must be 1 to");
        assertThatThrownBy(() -> says(1, "x".repeat(16_385))).hasMessageContaining("up to 16384 characters");
        assertThatThrownBy(() -> TalkMessage.of(1, Instant.MIN, "a")).hasMessageContaining("between 1970 and 2106");
        assertThatThrownBy(() -> new Conversation(BOT, 0, 1)).hasMessageContaining("chat id must be");
        assertThatThrownBy(() -> new Conversation(BOT, 1, Long.MIN_VALUE)).hasMessageContaining("user id must be");
        assertThatThrownBy(() -> BundleSettings.DEFAULT.withMost(0, 1)).hasMessageContaining("1 to 100");
        var neverQuiet = BundleSettings.DEFAULT.withLongest(Duration.ofMillis(899));
        assertThatThrownBy(() -> Bundles.inMemory().settings(neverQuiet))
                .hasMessage("a quiet window must be no longer than the longest time of a bundle, PT0.899S, not PT0.9S");
    }
}

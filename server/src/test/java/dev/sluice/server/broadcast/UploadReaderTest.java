package dev.sluice.server.broadcast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.telegram.Priority;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an upload may look like, line by line. */
class UploadReaderTest {
    private static final String TEMPLATE = "{\"method\":\"sendMessage\",\"params\":{\"text\":\"secret words\"}}\n";

    private static UploadReader reader(String text) {
        return new UploadReader(new ByteArrayInputStream(text.getBytes(UTF_8)));
    }

    private static List<Recipient> recipients(String lines) throws IOException {
        var reader = reader(TEMPLATE + lines);
        reader.head();
        var recipients = new ArrayList<Recipient>();
        for (Optional<Recipient> next = reader.next(); next.isPresent(); next = reader.next()) {
            recipients.add(next.get());
        }
        return recipients;
    }

    @Test
    void the_first_line_is_the_template() throws Exception {
        var head = reader("{\"method\":\"sendPhoto\",\"params\":{\"photo\":\"x\",\"allow_paid_broadcast\":true},"
                        + "\"priority\":\"normal\",\"everybody\":true,\"idempotency_key\":\"k\"}")
                .head();

        assertThat(head.template().method().name()).isEqualTo("sendPhoto");
        assertThat(head.template().priority()).isEqualTo(Priority.NORMAL);
        assertThat(head.template().isPaid()).isTrue();
        assertThat(head.everybody()).isTrue();
        assertThat(head.key()).contains("k");
        var plain = reader(TEMPLATE).head();
        assertThat(plain.template().priority()).isEqualTo(Priority.LOW);
        assertThat(plain.template().isPaid()).isFalse();
        assertThat(plain.everybody()).isFalse();
        assertThat(plain.key()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "42",
                "{",
                "{\"method\":\"getMe\",\"params\":{}}",
                "{\"method\":\"sendMessage\"}",
                "{\"method\":\"sendMessage\",\"params\":[]}",
                "{\"method\":\"sendMessage\",\"params\":{\"chat_id\":1}}",
                "{\"method\":\"sendMessage\",\"params\":{\"allow_paid_broadcast\":\"yes\"}}",
                "{\"method\":\"sendMessage\",\"params\":{},\"priority\":\"urgent\"}",
                "{\"method\":\"sendMessage\",\"params\":{},\"everybody\":1}",
                "{\"method\":\"sendMessage\",\"params\":{},\"idempotency_key\":\"\"}",
                "{\"method\":\"sendMessage\",\"params\":{},\"parms\":{}}",
                "{\"method\":\"sendMessage\",\"method\":\"sendPhoto\",\"params\":{}}"
            })
    void a_first_line_that_is_no_template_is_refused(String line) {
        assertThatThrownBy(() -> reader(line).head())
                .isInstanceOfSatisfying(
                        InvalidUploadException.class, e -> assertThat(e.line()).isEqualTo(1));
    }

    @Test
    void a_recipient_is_a_chats_id_or_an_object_with_parameters_of_its_own() throws Exception {
        var found =
                recipients("42\n-1001234567890\n\n  7  \n{\"chat_id\":8}\r\n9\r\n{\"chat_id\":10,\"text\":\"Hi Ann\"}");

        assertThat(found).extracting(Recipient::chat).containsExactly(42L, -1001234567890L, 7L, 8L, 9L, 10L);
        assertThat(new String(found.getLast().own(), UTF_8)).isEqualTo("{\"text\":\"Hi Ann\"}");
        assertThat(found.get(3).own()).isEmpty();
        assertThat(found.getLast().toString()).doesNotContain("Ann");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "x",
                "\"42\"",
                "4.5",
                "1e3",
                "4503599627370496",
                "99999999999999999999",
                "42 43",
                "-",
                "007",
                "[42]",
                "null",
                "{}",
                "{\"chat_id\":\"@shop\"}",
                "{\"chat_id\":1,\"chat_id\":2}",
                "{\"chat_id\":1,\"allow_paid_broadcast\":true}"
            })
    void any_other_line_is_refused_by_its_number_and_not_repeated(String line) {
        assertThatThrownBy(() -> recipients("42\n" + line)).isInstanceOfSatisfying(InvalidUploadException.class, e -> {
            assertThat(e.line()).isEqualTo(3);
            assertThat(e.getMessage()).doesNotContain("shop", "secret");
        });
    }

    @Test
    void a_line_longer_than_may_be_is_refused_without_being_read_to_its_end() {
        assertThatThrownBy(() -> recipients("42\n" + "9".repeat(5_000)))
                .isInstanceOf(InvalidUploadException.class)
                .hasMessageContaining("4096");
    }

    @Test
    void a_chat_that_is_named_again_is_left_out_and_counted() throws Exception {
        var reader = reader(TEMPLATE + "1\n2\n{\"chat_id\":1,\"text\":\"again\"}\n2\n3");
        reader.head();
        var chats = new ArrayList<Long>();
        for (Optional<Recipient> next = reader.next(); next.isPresent(); next = reader.next()) {
            chats.add(next.get().chat());
        }

        assertThat(chats).containsExactly(1L, 2L, 3L);
        assertThat(reader.duplicates()).isEqualTo(2);
    }

    @Test
    void many_chats_are_told_apart() {
        var chats = new ChatSet();
        for (long chat = -50_000; chat < 50_000; chat++) {
            assertThat(chat == 0 || chats.add(chat)).isTrue();
        }
        for (long chat = -50_000; chat < 50_000; chat++) {
            assertThat(chat != 0 && chats.add(chat)).isFalse();
        }
    }
}

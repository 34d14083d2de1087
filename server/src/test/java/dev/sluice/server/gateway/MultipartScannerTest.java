package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.Fingerprint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartScannerTest {
    private static final String TYPE = "multipart/form-data; boundary=b-1";

    @Test
    void wherever_the_network_cuts_a_body_it_is_the_same() {
        byte[] body = bytes(Multipart.of("b-1")
                .field("chat_id", "5")
                .file("voice", "abc")
                .file("empty", "")
                .field("text", "")
                .end());
        MultipartForm whole = scan(body);

        assertThat(whole.fields())
                .containsExactly(java.util.Map.entry("chat_id", "5"), java.util.Map.entry("text", ""));
        assertThat(whole.files())
                .containsOnlyKeys("voice", "empty")
                .containsEntry("voice", Fingerprint.of(bytes("abc")))
                .containsEntry("empty", Fingerprint.of(new byte[0]));
        for (int first = 0; first <= body.length; first++) {
            for (int second = first; second <= Math.min(body.length, first + 8); second++) {
                assertThat(scan(
                                Arrays.copyOfRange(body, 0, first),
                                Arrays.copyOfRange(body, first, second),
                                Arrays.copyOfRange(body, second, body.length)))
                        .isEqualTo(whole);
            }
        }
        byte[][] singles = new byte[body.length][];
        for (int i = 0; i < body.length; i++) {
            singles[i] = new byte[] {body[i]};
        }
        assertThat(scan(singles)).isEqualTo(whole);
    }

    @Property(tries = 300)
    void content_that_almost_looks_like_a_boundary_is_content(
            @ForAll("almostBoundaries") String content,
            @ForAll @Size(max = 6) List<@IntRange(max = 200) Integer> cuts) {
        byte[] body =
                bytes(Multipart.of("b-1").file("f", content).field("t", content).end());
        int[] at = cuts.stream()
                .mapToInt(cut -> Math.min(cut, body.length))
                .sorted()
                .toArray();
        byte[][] pieces = new byte[at.length + 1][];
        for (int i = 0; i <= at.length; i++) {
            pieces[i] = Arrays.copyOfRange(body, i == 0 ? 0 : at[i - 1], i == at.length ? body.length : at[i]);
        }

        MultipartForm form = scan(pieces);

        assertThat(form.files()).containsEntry("f", Fingerprint.of(bytes(content)));
        assertThat(form.fields()).containsEntry("t", content);
    }

    @Provide
    Arbitrary<String> almostBoundaries() {
        return Arbitraries.of("\r", "\n", "\r\n", "-", "--", "b", "b-", "\r\n--b-", "\r\n--b-2", "--b-1", "x")
                .list()
                .ofMaxSize(8)
                .map(parts -> String.join("", parts))
                .filter(content -> !("\r\n" + content + "\r\n").contains("\r\n--b-1"));
    }

    @Test
    void prologue_epilogue_and_heads_of_other_clients_are_understood() {
        String body =
                "This is a multipart message\r\n--b-1\r\ncontent-type: text/plain; charset=utf-8\r\nCONTENT-DISPOSITION: form-data; name=chat_id\r\n\r\n-7\r\n"
                        + "--b-1\r\nContent-Disposition: form-data; filename=\"\"; name=\"photo\"\r\nContent-Length: 1\r\n\r\nx\r\n"
                        + "--b-1\r\nContent-Disposition: form-data; name=\"more\"\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na=1&b=%20\r\n--b-1-- bye\r\n--b-1\r\n";

        MultipartForm form = scan(bytes(body));

        assertThat(form.fields())
                .containsEntry("chat_id", "-7")
                .containsEntry("a", "1")
                .containsEntry("b", " ")
                .doesNotContainKey("more");
        assertThat(form.files()).containsOnlyKeys("photo");
    }

    @Test
    void of_two_equal_names_the_first_counts() {
        MultipartForm form = scan(bytes(Multipart.of("b-1")
                .field("a", "1")
                .field("a", "2")
                .file("f", "1")
                .file("f", "2")
                .end()));

        assertThat(form.fields()).containsEntry("a", "1");
        assertThat(form.files()).containsEntry("f", Fingerprint.of(bytes("1")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "--b-1",
                "--b-1\r\n",
                "--b-1\r\n\r\n\r\n--b-1--",
                "--b-1\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b-1--",
                "--b-1\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--b-1--",
                "--b-1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b-1",
                "--b-1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx"
            })
    void what_is_no_whole_form_is_a_bad_request(String body) {
        assertThatThrownBy(() -> scan(bytes(body)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("can't parse multipart/form-data");
    }

    @Test
    void endless_heads_fields_and_parts_are_refused_while_they_arrive() {
        MultipartScanner heads = scanner();
        heads.feed(bytes("--b-1\r\n"));
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        heads.feed(new byte[1000]);
                    }
                })
                .isInstanceOf(Refusal.class);
        MultipartScanner fields = scanner();
        fields.feed(bytes(Multipart.of("b-1").field("a", "x".repeat(900)).unfinished()));
        assertThatThrownBy(() -> fields.feed(
                        bytes(Multipart.of("b-1").field("b", "x".repeat(200)).unfinished())))
                .isInstanceOf(Refusal.class);
        MultipartScanner parts = scanner();
        assertThatThrownBy(() -> parts.feed(
                        bytes(Multipart.of("b-1").field("a", "").unfinished().repeat(2000))))
                .isInstanceOf(Refusal.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multipart/form-data; boundary=b-1",
                "multipart/form-data;boundary=\"b-1\"",
                "multipart/form-data; charset=utf-8; Boundary=b-1; x=y"
            })
    void a_boundary_is_found(String type) {
        assertThat(MultipartScanner.of(type, 10)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=\"\"",
                "multipart/form-data; boundary=a b"
            })
    void without_a_boundary_there_is_nothing_to_read(String type) {
        assertThat(MultipartScanner.of(type, 10)).isEmpty();
    }

    private static MultipartForm scan(byte[]... pieces) {
        MultipartScanner scanner = scanner();
        for (byte[] piece : pieces) {
            scanner.feed(piece);
        }
        return scanner.end();
    }

    private static MultipartScanner scanner() {
        return MultipartScanner.of(TYPE, 1000).orElseThrow();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}

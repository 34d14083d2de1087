package dev.sluice.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.Fingerprint;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MultipartScannerTest {
    private static final String TYPE = "multipart/form-data; charset=utf-8; boundary=\"b-1\"";
    private static final byte[] FILE = "line\r\n--b-\r\n\r--b-1\n\r\r\n".getBytes(UTF_8);

    @Test
    void fields_and_files_are_read_wherever_the_body_is_cut() {
        byte[] body = body();
        for (int cut = 0; cut <= body.length; cut++) {
            var scanner = scanner();
            scanner.feed(Arrays.copyOfRange(body, 0, cut));
            scanner.feed(Arrays.copyOfRange(body, cut, body.length));
            expectAll(scanner);
        }
    }

    @Test
    void fields_and_files_are_read_from_single_bytes_and_random_pieces() {
        byte[] body = body();
        var random = new Random(7);
        for (int round = 0; round < 50; round++) {
            var scanner = scanner();
            for (int at = 0; at < body.length; ) {
                int to = Math.min(body.length, at + 1 + random.nextInt(round + 1));
                scanner.feed(Arrays.copyOfRange(body, at, to));
                at = to;
            }
            expectAll(scanner);
        }
    }

    @Test
    void a_body_that_ends_early_is_not_complete() {
        byte[] body = body();
        // The closing boundary is followed by a line end and an epilogue of 12 bytes.
        for (int length = 0; length < body.length - 12; length++) {
            var scanner = scanner();
            scanner.feed(Arrays.copyOf(body, length));
            assertThat(scanner.isComplete()).isFalse();
        }
    }

    @Test
    void fields_are_bounded_and_files_are_not() {
        var small = MultipartScanner.of(TYPE, 10).orElseThrow();
        assertThatThrownBy(() -> small.feed(
                        "--b-1\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n0123456789ABCDEFGHIJKLMNOPQRSTUVW".getBytes(UTF_8)))
                .isInstanceOf(Refusal.class);
        var file = MultipartScanner.of(TYPE, 10).orElseThrow();
        file.feed("--b-1\r\nContent-Disposition: form-data; name=d; filename=a\r\n\r\n".getBytes(UTF_8));
        file.feed(new byte[100_000]);
        assertThat(file.fileBytes()).isGreaterThan(99_000);
    }

    @Test
    void a_type_without_a_boundary_is_no_form() {
        assertThat(MultipartScanner.of("multipart/form-data", 10)).isEmpty();
        assertThat(MultipartScanner.of("multipart/form-data; boundary=", 10)).isEmpty();
    }

    private static MultipartScanner scanner() {
        return MultipartScanner.of(TYPE, 1_000).orElseThrow();
    }

    private static void expectAll(MultipartScanner scanner) {
        assertThat(scanner.isComplete()).isTrue();
        assertThat(scanner.fields().get("chat_id")).isEqualTo("-100");
        assertThat(scanner.fields().get("caption")).isEqualTo("ünïcode \r\n two lines");
        assertThat(scanner.fields().get("empty")).isEmpty();
        assertThat(scanner.files()).containsOnlyKeys("a \"quoted\" name", "none");
        assertThat(scanner.files().get("a \"quoted\" name")).isEqualTo(Fingerprint.of(FILE));
        assertThat(scanner.files().get("none")).isEqualTo(Fingerprint.of(new byte[0]));
        assertThat(scanner.fileBytes()).isEqualTo(FILE.length);
    }

    private static byte[] body() {
        var body = new ByteArrayOutputStream();
        body.writeBytes("a preamble\r\n".getBytes(UTF_8));
        part(body, "Content-Disposition: form-data; name=\"a \\\"quoted\\\" name\"; filename=\"x.bin\"\r\nContent-Type: image/png", FILE);
        part(body, "content-disposition: form-data; name=\"caption\"", "ünïcode \r\n two lines".getBytes(UTF_8));
        part(body, "Content-Disposition: form-data; name=\"empty\"", new byte[0]);
        part(body, "Content-Disposition: form-data; name=\"none\"; filename=\"\"", new byte[0]);
        part(body, "Content-Type: text/plain\r\nContent-Disposition: form-data; name=chat_id", "-100".getBytes(UTF_8));
        body.writeBytes("--b-1--\r\nan epilogue".getBytes(UTF_8));
        return body.toByteArray();
    }

    private static void part(ByteArrayOutputStream body, String headers, byte[] content) {
        body.writeBytes(("--b-1\r\n" + headers + "\r\n\r\n").getBytes(UTF_8));
        body.writeBytes(content);
        body.writeBytes("\r\n".getBytes(UTF_8));
    }
}

package dev.sluice.server.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What holds for the bodies of every resource, over real HTTP. */
class AdminBodiesTest extends CupsFixture {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"kind\":\"green\"",
                "{\"kind\":\"green\",\"kind\":\"black\"}",
                "{\"kind\":\"green\"} {}",
                "[]",
                "null",
                "{}"
            })
    void what_is_not_the_json_that_is_expected_is_malformed(String body) throws Exception {
        assertThat(open.json("POST", "/v1/cups/3", body).type()).isEqualTo("malformed");
    }

    @ParameterizedTest
    @CsvSource({
        "application/json,200",
        "application/json; charset=utf-8,200",
        "text/plain,415",
        "application/x-www-form-urlencoded,415",
        "application/merge-patch+json,415"
    })
    void a_body_of_another_type_is_not_looked_at(String type, int status) throws Exception {
        assertThat(open.send("POST", "/v1/cups/3", "{\"kind\":\"green\"}", "Content-Type", type)
                        .status())
                .isEqualTo(status);
    }

    @Test
    void a_patch_may_come_as_either_json_type() throws Exception {
        for (String type : List.of("application/json", "application/merge-patch+json")) {
            assertThat(open.send("PATCH", "/v1/cups/3", "{\"kind\":\"green\"}", "Content-Type", type)
                            .status())
                    .isEqualTo(200);
        }
        assertThat(open.send("PATCH", "/v1/cups/3", "{}", "Content-Type", "text/plain")
                        .json()
                        .path("detail")
                        .asString())
                .isEqualTo("send application/merge-patch+json or application/json, not encoded");
    }

    @Test
    void a_body_is_bounded_whether_or_not_its_length_is_announced() throws Exception {
        var large = "{\"kind\":\"" + "a".repeat(BodyReader.LARGEST) + "\"}";
        try (var socket = open.connect()) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("POST /v1/cups/3 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                    + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(large.length())
                                    + "\r\n" + large)
                            .getBytes(ISO_8859_1));
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 413 ");
        }
        try (var socket = open.connect()) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("POST /v1/cups/3 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
                            .getBytes(ISO_8859_1));
            assertThat(firstOf(socket)).as("and is not asked for").isEqualTo("HTTP/1.1 413 ");
        }
    }

    @ParameterizedTest
    @CsvSource({"application/json,413", "text/plain,415"})
    void who_writes_a_whole_body_before_it_reads_is_told_what_was_wrong_with_it(String type, int status)
            throws Exception {
        byte[] piece = "a".repeat(1 << 20).getBytes(ISO_8859_1);
        int pieces = 20; // more than all socket buffers on the way hold
        try (var socket = open.connect()) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(("POST /v1/cups/3 HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type
                                    + "\r\nContent-Length: " + pieces * piece.length + "\r\n\r\n")
                            .getBytes(ISO_8859_1));
            for (int i = 0; i < pieces; i++) {
                socket.getOutputStream().write(piece);
            }
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 " + status + " ")
                    .containsIgnoringCase("connection: close");
        }
    }

    private static String firstOf(Socket socket) throws IOException {
        return new String(socket.getInputStream().readNBytes("HTTP/1.1 413 ".length()), UTF_8);
    }

    @Test
    void a_body_that_waits_to_be_asked_for_is_asked_for() throws Exception {
        try (var socket = open.connect()) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("POST /v1/cups/3 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                    + "Connection: close\r\nContent-Length: 16\r\nExpect: 100-continue\r\n\r\n")
                            .getBytes(ISO_8859_1));
            var first = new String(socket.getInputStream().readNBytes(25), UTF_8);
            assertThat(first).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            socket.getOutputStream().write("{\"kind\":\"green\"}".getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 200 ");
        }
    }
}

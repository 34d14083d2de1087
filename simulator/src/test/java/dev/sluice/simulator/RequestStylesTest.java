package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class RequestStylesTest {
    private static final Simulator SIMULATOR =
            Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));
    private static final BotAccount BOT = SIMULATOR.addBot(1000, "Shop");
    private final Caller caller = new Caller(SIMULATOR, BOT.token());

    @AfterAll
    static void close() {
        SIMULATOR.close();
    }

    @Test
    void parameters_come_in_a_query_string_of_more_than_sixty_kilobytes() {
        String text = "\u0434;"
                .repeat(2048); // 7 bytes of query string for every two characters, and a separator that is none
        String padding = "x".repeat(50_000);
        URI uri = URI.create(
                caller.method("sendMessage") + "?" + Caller.form(Map.of("chat_id", "1", "text", text, "pad", padding)));
        assertThat(uri.toString().length()).isGreaterThan(60_000);
        assertThat(Caller.get(uri).result().get("text").asString()).isEqualTo(text);
    }

    @Test
    void parameters_come_urlencoded_and_merge_with_the_query_string() {
        String text = "\u0436 & = + ".repeat(500);
        Caller.Reply reply =
                Caller.await(Caller.send(HttpRequest.newBuilder(URI.create(caller.method("SENDMESSAGE") + "?chat_id=2"))
                        .header("content-type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(Caller.form(Map.of("text", text))))));
        assertThat(reply.result().get("text").asString()).isEqualTo(text);
        assertThat(reply.result().at("/chat/id").asLong()).isEqualTo(2);
    }

    @Test
    void parameters_come_as_multipart_with_the_chat_last() {
        Caller.Reply reply = Caller.await(Caller.send(new Multipart()
                .file("document", "a.pdf", "%PDF".getBytes(StandardCharsets.UTF_8))
                .field("caption", "\u0436")
                .field("chat_id", "3")
                .to(caller.method("sendDocument"))));
        assertThat(reply.result().at("/chat/id").asLong()).isEqualTo(3);
        assertThat(reply.result().get("caption").asString()).isEqualTo("\u0436");
        assertThat(reply.result().at("/document/file_name").asString()).isEqualTo("a.pdf");
    }

    @Test
    void bodies_may_be_gzipped() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(Caller.JSON.writeValueAsBytes(Map.of("chat_id", "4", "text", "small")));
        }
        Caller.Reply reply = Caller.await(Caller.send(HttpRequest.newBuilder(caller.method("sendMessage"))
                .header("content-type", "application/json")
                .header("content-encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(zipped.toByteArray()))));
        assertThat(reply.result().get("text").asString()).isEqualTo("small");
    }

    @Test
    void answers_are_gzipped_for_callers_that_accept_it() throws Exception {
        HttpResponse<InputStream> zipped = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(caller.method("getMe"))
                                .header("accept-encoding", "gzip")
                                .build(),
                        BodyHandlers.ofInputStream());
        assertThat(zipped.headers().firstValue("content-encoding")).contains("gzip");
        try (InputStream body = new GZIPInputStream(zipped.body())) {
            assertThat(Caller.JSON.readTree(body).get("ok").asBoolean()).isTrue();
        }
    }

    @Test
    void the_test_environment_has_a_path_of_its_own() {
        URI uri = URI.create(caller.method("test/getMe").toString());
        assertThat(Caller.get(uri).result().get("id").asLong()).isEqualTo(1000);
    }

    @Test
    void uploaded_bytes_come_back_exactly() {
        byte[] bytes = new byte[3_000_000];
        new Random(1).nextBytes(bytes);
        Caller.Reply sent = Caller.await(Caller.send(new Multipart()
                .field("chat_id", "5")
                .file("photo", "p.jpg", bytes)
                .to(caller.method("sendPhoto"))
                .expectContinue(true)));
        String fileId = sent.result().at("/photo/0/file_id").asString();
        String path = caller.call("getFile", Map.of("file_id", fileId))
                .result()
                .get("file_path")
                .asString();
        Caller.Reply file = Caller.get(URI.create(SIMULATOR.url() + "/file/bot" + BOT.token() + "/" + path));
        assertThat(file.response().body()).isEqualTo(bytes);

        Caller.Reply again = caller.call("sendPhoto", Map.of("chat_id", 5, "photo", fileId));
        assertThat(again.result().at("/photo/0/file_id").asString()).isEqualTo(fileId);
        assertThat(Caller.get(URI.create(SIMULATOR.url() + "/file/bot" + BOT.token() + "/photos/none"))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void uploaded_bytes_come_back_exactly_wherever_the_network_cuts_them() throws IOException {
        byte[] body = ("--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n5\r\n"
                        + "--b\r\nContent-Disposition: form-data; name=\"voice\"; filename=\"v\"\r\n\r\nabc\r\n--b--\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        for (int cut = body.length - 20; cut < body.length; cut++) {
            try (Socket socket = new Socket("127.0.0.1", SIMULATOR.url().getPort())) {
                socket.setSoTimeout(10_000);
                OutputStream out = socket.getOutputStream();
                out.write(("POST " + caller.method("sendVoice").getPath()
                                + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                + "Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                writeChunk(
                        out, body, 0, cut); // the HTTP decoder hands on each chunk by itself, as if it had come alone
                writeChunk(out, body, cut, body.length);
                writeChunk(out, body, 0, 0);
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer).as("cut at %d", cut).contains("\"file_size\":3}");
            }
        }
    }

    private static void writeChunk(OutputStream out, byte[] bytes, int from, int to) throws IOException {
        out.write((Integer.toHexString(to - from) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes, from, to - from);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void an_upload_over_the_bound_is_a_413_and_the_connection_goes_on() {
        try (Simulator small = Simulator.start(SimulatorSettings.defaults()
                .withBounds(SimulatorSettings.Bounds.defaults().withUploadBytes(100_000)))) {
            Caller bot = new Caller(small, small.addBot(1, "B").token());
            Caller.Reply reply = Caller.await(Caller.send(new Multipart()
                    .field("chat_id", "5")
                    .file("document", "big", new byte[150_000])
                    .to(bot.method("sendDocument"))));
            assertThat(reply.status()).isEqualTo(413);
            assertThat(reply.json().get("error_code").asInt()).isEqualTo(413);
            Caller.Reply unannounced = Caller.await(Caller.send(HttpRequest.newBuilder(bot.method("sendDocument"))
                    .header("content-type", "multipart/form-data; boundary=b")
                    .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(
                            ("--b\r\nContent-Disposition: form-data; name=\"document\"; filename=\"f\"\r\n\r\n"
                                            + "x".repeat(150_000) + "\r\n--b--\r\n")
                                    .getBytes(StandardCharsets.US_ASCII))))));
            assertThat(unannounced.status()).isEqualTo(413);
            assertThat(bot.text(5, "still there").status()).isEqualTo(200);
        }
    }

    @Test
    void broken_bodies_are_400s() {
        for (String body : new String[] {"{\"chat_id\":", "[1]", "\"text\""}) {
            Caller.Reply reply = Caller.await(Caller.send(HttpRequest.newBuilder(caller.method("sendMessage"))
                    .header("content-type", "application/json")
                    .POST(BodyPublishers.ofString(body))));
            assertThat(reply.status()).as(body).isEqualTo(400);
            assertThat(reply.description()).startsWith("Bad Request: ");
        }
        assertThat(Caller.await(Caller.send(HttpRequest.newBuilder(caller.method("sendMessage"))
                                .header("content-type", "multipart/form-data")
                                .POST(BodyPublishers.ofString("no boundary"))))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void a_body_that_is_not_what_its_encoding_says_is_a_400_and_ends_the_connection() {
        Caller.Reply badGzip = Caller.await(Caller.send(HttpRequest.newBuilder(caller.method("sendMessage"))
                .header("content-type", "application/json")
                .header("content-encoding", "gzip")
                .POST(BodyPublishers.ofString("{\"chat_id\":1,\"text\":\"not zipped\"}"))));
        assertThat(badGzip.status()).isEqualTo(400);
        assertThat(badGzip.response().headers().firstValue("connection")).contains("close");
        assertThat(caller.call("getMe", Map.of()).status()).isEqualTo(200);
    }

    @Test
    void paths_that_are_none_are_404s_in_json() {
        for (String path :
                new String[] {"/", "/bot", "/botx", "/bot" + BOT.token(), "/file/bot" + BOT.token(), "/elsewhere"}) {
            Caller.Reply reply = Caller.get(URI.create(SIMULATOR.url() + path));
            assertThat(reply.status()).as(path).isEqualTo(404);
            assertThat(reply.json().get("ok").asBoolean()).isFalse();
        }
    }

    @Test
    void a_caller_that_leaves_in_the_middle_of_its_request_hurts_nobody() throws IOException {
        for (String type :
                new String[] {"application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"
                }) {
            try (Socket socket = new Socket("127.0.0.1", SIMULATOR.url().getPort())) {
                socket.getOutputStream()
                        .write(("POST " + caller.method("sendMessage").getPath()
                                        + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type
                                        + "\r\nContent-Length: 1000\r\n\r\n--b\r\n{\"chat_id\":")
                                .getBytes(StandardCharsets.US_ASCII));
            }
        }
        assertThat(caller.text(6, "alive").status()).isEqualTo(200);
        assertThat(SIMULATOR.ledger().received(1000, 6)).hasSize(1);
    }
}

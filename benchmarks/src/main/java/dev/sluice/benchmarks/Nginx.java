package dev.sluice.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** An nginx of our own on loopback, in a folder of its own. */
final class Nginx implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(10);
    private static final Duration STOP = Duration.ofSeconds(5);

    /** What Telegram says to getMe. */
    private static final String BOT =
            "{\"ok\":true,\"result\":{\"id\":800000001,\"is_bot\":true,\"first_name\":\"Bot\","
                    + "\"username\":\"benchmark_bot\",\"can_join_groups\":true,\"can_read_all_group_messages\":false,"
                    + "\"supports_inline_queries\":false,\"can_connect_to_business\":false,\"has_main_web_app\":false}}";

    private final ChildProcess process;
    private final String url;

    private Nginx(ChildProcess process, String url) {
        this.process = process;
        this.url = url;
    }

    static Optional<Path> onPath() {
        return Stream.concat(
                        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":", -1)), Stream.of("/usr/sbin"))
                .map(folder -> Path.of(folder, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static String version(Path program) throws IOException {
        var process = new ProcessBuilder(program.toString(), "-v")
                .redirectErrorStream(true)
                .start();
        String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return line.substring(line.indexOf('/') + 1).strip();
    }

    /** Answers whatever it is asked as Telegram answers getMe, by one worker. */
    static Nginx answering(Path program, Path root) throws Exception {
        return start(program, root, 1, "", "default_type application/json; return 200 '" + BOT + "';");
    }

    /** Passes everything on, by two workers over connections that are kept. */
    static Nginx proxying(Path program, Path root, String upstream) throws Exception {
        return start(
                program,
                root,
                2,
                "upstream telegram { server " + URI.create(upstream).getAuthority()
                        + "; keepalive 64; keepalive_requests 100000000; }",
                "proxy_pass http://telegram; proxy_http_version 1.1; proxy_set_header Connection \"\";");
    }

    private static Nginx start(Path program, Path root, int workers, String upstream, String location)
            throws Exception {
        Path folder =
                Files.createTempDirectory(Files.createDirectories(root.resolve("benchmarks/target/work")), "nginx-");
        int port = BenchmarkRedis.freePort();
        Path configuration = Files.writeString(
                folder.resolve("nginx.conf"), """
                daemon off;
                worker_processes %d;
                pid %s/pid;
                error_log stderr;
                events { worker_connections 1024; }
                http {
                  access_log off;
                  keepalive_requests 100000000;
                  %s
                  server { listen 127.0.0.1:%d; location / { %s } }
                }
                """.formatted(workers, folder, upstream, port, location));
        var process = ChildProcess.start(new ProcessBuilder(
                        program.toString(), "-p", folder.toString(), "-e", "stderr", "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile()));
        var nginx = new Nginx(process, "http://127.0.0.1:" + port);
        try {
            nginx.awaitAnswer(folder.resolve("log"));
        } catch (Exception e) {
            nginx.close();
            throw e;
        }
        return nginx;
    }

    String url() {
        return url;
    }

    /** What its master and its workers have used. */
    double cpuSeconds() {
        return process.cpuSeconds();
    }

    @Override
    public void close() throws IOException {
        process.stop(STOP);
    }

    private void awaitAnswer(Path log) throws Exception {
        long began = System.nanoTime();
        while (true) {
            try {
                new HttpConnection(URI.create(url)).close();
                return;
            } catch (IOException notYet) {
                if (process.hasEndedWithin(Duration.ofMillis(10)) || System.nanoTime() - began > START.toNanos()) {
                    throw new IllegalStateException("nginx did not start: " + Files.readString(log), notYet);
                }
            }
        }
    }
}

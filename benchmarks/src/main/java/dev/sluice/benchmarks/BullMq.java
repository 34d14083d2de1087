package dev.sluice.benchmarks;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/**
 * BullMQ with prioritized jobs: one Node.js process adds them, another works on them, so that neither stands in the other's
 * way. {@code queues.js} says what they are told.
 */
final class BullMq implements QueuePeer {
    private static final Duration INSTALL = Duration.ofMinutes(3);
    private static final Duration STOP = Duration.ofSeconds(5);

    private final BenchmarkRedis redis;
    private final Side adding;
    private final Side working;

    /** Of each queue's worker. */
    private int concurrency = 1;

    private BullMq(BenchmarkRedis redis, Path folder, int chats) throws IOException {
        this.redis = redis;
        this.adding = new Side(redis, folder, chats);
        this.working = new Side(redis, folder, chats);
    }

    /**
     * Installs what the lock file names.
     *
     * @return what is missing; empty if nothing is
     */
    static Optional<String> install(Path root) throws IOException, InterruptedException {
        if (!isOnPath("node") || !isOnPath("npm")) {
            return Optional.of("no node and npm on the path");
        }
        Path log = Files.createDirectories(root.resolve("benchmarks/target")).resolve("npm.log");
        var npm = new ProcessBuilder("npm", "ci", "--no-audit", "--no-fund")
                .directory(folder(root).toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!npm.waitFor(INSTALL.toMillis(), TimeUnit.MILLISECONDS)) {
            npm.destroy();
            return Optional.of("npm ci took longer than " + INSTALL.toSeconds() + " s");
        }
        return npm.exitValue() == 0 ? Optional.empty() : Optional.of("npm ci failed, see " + root.relativize(log));
    }

    /** @param chats of each bot */
    static BullMq start(Path root, int chats) throws IOException {
        return new BullMq(BenchmarkRedis.start(), folder(root), chats);
    }

    /** Such as {@code 6.7.0}. */
    static String version(Path root) {
        return JsonMapper.shared()
                .readTree(folder(root).resolve("package.json").toFile())
                .at("/dependencies/bullmq")
                .asString();
    }

    private static Path folder(Path root) {
        return root.resolve("benchmarks/bullmq");
    }

    private static boolean isOnPath(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** @param each how many jobs each queue's worker has in hand at once */
    void useConcurrency(int each) {
        concurrency = each;
    }

    @Override
    public String name() {
        return "BullMQ";
    }

    @Override
    public BenchmarkRedis redis() {
        return redis;
    }

    @Override
    public Work add(int messages, int batch) throws IOException {
        return adding.obey("add " + messages + " " + batch);
    }

    /** Jobs are taken out one at a time, whatever the batch. */
    @Override
    public Work finish(int messages, int batch) throws IOException {
        return working.obey("finish " + messages + " " + concurrency);
    }

    @Override
    public Work flow(int messages, int batch) throws IOException {
        long began = System.nanoTime();
        adding.tell("add " + messages + " " + batch);
        working.tell("finish " + messages + " " + concurrency);
        Work done = working.hear();
        var unused = adding.hear();
        return new Work(done.messages(), (System.nanoTime() - began) / 1e9);
    }

    @Override
    public void close() throws IOException {
        adding.close();
        working.close();
        redis.close();
    }

    /** A process and the two ends of its lines. */
    private static final class Side implements AutoCloseable {
        private final ChildProcess process;
        private final Writer commands;
        private final BufferedReader answers;

        Side(BenchmarkRedis redis, Path folder, int chats) throws IOException {
            var builder = new ProcessBuilder(
                            "node",
                            "queues.js",
                            redis.url(),
                            Integer.toString(BOTS),
                            Integer.toString(chats),
                            Integer.toString(PAYLOAD_BYTES))
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT);
            process = ChildProcess.start(builder);
            commands = new OutputStreamWriter(process.input(), StandardCharsets.UTF_8);
            answers = process.output();
        }

        Work obey(String command) throws IOException {
            tell(command);
            return hear();
        }

        void tell(String command) throws IOException {
            commands.write(command + "\n");
            commands.flush();
        }

        Work hear() throws IOException {
            String line = answers.readLine();
            if (line == null) {
                throw new IOException("BullMQ's process has ended");
            }
            String[] numbers = line.split(" ", 2);
            return new Work(Integer.parseInt(numbers[0]), Double.parseDouble(numbers[1]));
        }

        @Override
        public void close() {
            process.stop(STOP);
        }
    }
}

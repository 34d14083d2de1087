package dev.sluice.server.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import redis.embedded.RedisServer;
import redis.embedded.core.ExecutableProvider;
import redis.embedded.model.OsArchitecture;

/**
 * A Redis server that can be run here.
 *
 * @param executable its program
 * @param version as it says itself
 */
record RedisBinary(Path executable, RedisVersion version) {
    private static final Pattern VERSION = Pattern.compile("\\bv=(\\d+)\\.(\\d+)\\.(\\d+)");
    private static final int ASKING_SECONDS = 10;

    /**
     * The {@code redis-server} on the path if it is new enough, else the one that comes with Sluice.
     *
     * @param folder where the bundled one is unpacked to
     */
    static RedisBinary find(String path, Path folder) {
        return onPath(path).orElseGet(() -> bundled(folder));
    }

    static Optional<RedisBinary> onPath(String path) {
        return Arrays.stream(path.split(Pattern.quote(File.pathSeparator), -1))
                .filter(folder -> !folder.isBlank())
                .map(folder -> Path.of(folder, "redis-server"))
                .filter(Files::isExecutable)
                .flatMap(program -> ask(program).stream())
                .filter(binary -> binary.version.compareTo(RedisVersion.OLDEST) >= 0)
                .findFirst();
    }

    static RedisBinary bundled(Path folder) {
        var resource = ExecutableProvider.newProvidedVersionsMap().get(OsArchitecture.detectOSandArchitecture());
        if (resource == null) {
            throw new EmbeddedServerException("no Redis comes with Sluice for " + System.getProperty("os.name") + " on "
                    + System.getProperty("os.arch") + ": install redis-server 6.2 or newer, or set REDIS_URL");
        }
        var program = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
        try {
            unpack(resource, program);
        } catch (IOException e) {
            throw new EmbeddedServerException("cannot unpack Redis to " + program + ": " + e.getMessage(), e);
        }
        return ask(program)
                .orElseThrow(() -> new EmbeddedServerException(program
                        + " does not run on this machine: install redis-server 6.2 or newer, or set REDIS_URL"));
    }

    /** Written beside and moved into place, so that a start that was cut off leaves no half of it. */
    private static void unpack(String resource, Path program) throws IOException {
        var bundled = RedisServer.class.getResource(resource);
        if (bundled == null) {
            throw new IOException(resource + " is not on the class path");
        }
        var connection = bundled.openConnection();
        connection.setUseCaches(false);
        try (InputStream in = connection.getInputStream()) {
            if (Files.isExecutable(program) && Files.size(program) == connection.getContentLengthLong()) {
                return;
            }
            Files.createDirectories(program.getParent());
            var unfinished = Files.createTempFile(program.getParent(), "redis-server", ".unfinished");
            Files.copy(in, unfinished, StandardCopyOption.REPLACE_EXISTING);
            if (!unfinished.toFile().setExecutable(true)) {
                throw new IOException("the folder does not allow programs");
            }
            Files.move(unfinished, program, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static Optional<RedisBinary> ask(Path program) {
        try {
            var process = new ProcessBuilder(program.toAbsolutePath().toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            if (!process.waitFor(ASKING_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            try (Stream<String> lines = process.inputReader().lines()) {
                return lines.map(VERSION::matcher)
                        .filter(match -> match.find())
                        .map(match -> new RedisBinary(
                                program.toAbsolutePath(),
                                RedisVersion.parse(match.group(1) + "." + match.group(2) + "." + match.group(3))))
                        .findFirst();
            }
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}

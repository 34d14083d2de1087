package dev.sluice.server.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where the embedded Redis keeps everything: held by one process at a time, and by none that died.
 *
 * <p>The operating system drops the lock when its holder dies, so a stale one cannot exist; a stale Redis can, and is ended.
 */
final class DataFolder implements AutoCloseable {
    private static final long LARGEST_LOG = 10 << 20;
    private static final int ENDING_SECONDS = 12;

    private final Path folder;
    private final FileChannel lock;

    private DataFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    static DataFolder open(Path folder) {
        try {
            Files.createDirectories(folder);
            restrict(folder, "rwx------");
            var lock = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!tryLock(lock)) {
                lock.close();
                throw new EmbeddedServerException("another Sluice keeps its data in "
                        + folder.toAbsolutePath().normalize() + ": stop it, or set SLUICE_DATA_DIR to another folder");
            }
            return new DataFolder(folder.toAbsolutePath().normalize(), lock);
        } catch (IOException e) {
            throw new EmbeddedServerException("cannot keep data in " + folder + ": " + e, e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    Path path() {
        return folder;
    }

    Path pidFile() {
        return folder.resolve("redis.pid");
    }

    /** The log of the child, started anew when it has grown large; one older part is kept. */
    Path log() throws IOException {
        var log = folder.resolve("redis.log");
        if (Files.exists(log) && Files.size(log) > LARGEST_LOG) {
            Files.move(log, folder.resolve("redis.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        return log;
    }

    /** Writes a file that nobody else may read. */
    Path writeSecret(String name, String content) throws IOException {
        var file = folder.resolve(name);
        Files.deleteIfExists(file);
        Files.createFile(file);
        restrict(file, "rw-------");
        return Files.writeString(file, content, UTF_8);
    }

    /**
     * Refuses data of a newer Redis, which an older one would not find and start empty.
     */
    void claimFor(RedisVersion version) throws IOException {
        var mark = folder.resolve("version");
        if (Files.exists(mark)) {
            var writer = RedisVersion.parse(Files.readString(mark));
            if (!version.reads(writer)) {
                throw new EmbeddedServerException(
                        "the data in " + folder + " is of Redis " + writer + " and only " + version
                                + " is here: put redis-server " + writer.major() + "." + writer.minor()
                                + " on the path, or set SLUICE_DATA_DIR to another folder");
            }
        }
        Files.writeString(mark, version.toString(), UTF_8);
    }

    /** Ends the Redis of a former run that nobody was left to end. */
    void endOrphan() throws IOException {
        var orphan = orphan();
        if (orphan.isEmpty()) {
            Files.deleteIfExists(pidFile());
            return;
        }
        var process = orphan.get();
        process.destroy();
        try {
            process.onExit().get(ENDING_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            process.onExit().orTimeout(ENDING_SECONDS, TimeUnit.SECONDS).join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedServerException("interrupted while ending the Redis of a former run", e);
        } catch (ExecutionException | CompletionException e) {
            throw new EmbeddedServerException(
                    "the Redis of a former run, process " + process.pid() + ", does not end", e);
        }
        Files.deleteIfExists(pidFile());
    }

    private Optional<ProcessHandle> orphan() throws IOException {
        if (!Files.exists(pidFile())) {
            return Optional.empty();
        }
        var text = Files.readString(pidFile()).strip();
        if (!text.matches("\\d{1,18}")) {
            return Optional.empty();
        }
        // The number may have passed to another program since then: only a Redis is ended.
        return ProcessHandle.of(Long.parseLong(text))
                .filter(process -> process.info().command().orElse("").contains("redis-server"));
    }

    private static void restrict(Path path, String permissions) throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new EmbeddedServerException("cannot let go of " + folder, e);
        }
    }
}

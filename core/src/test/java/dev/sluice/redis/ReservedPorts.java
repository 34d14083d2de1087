package dev.sluice.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Loopback ports that one server of one test has to itself, also while nothing listens there and after the test: a
 * client that looks again and again for a server which was killed must meet that server or nobody, never the server of
 * another test. Thread-safe.
 *
 * <p>A port is held until this process ends, by a lock on its byte of one file that all test processes of this user
 * share; the system drops the lock however the process ends. The ports lie below those that systems give to outgoing
 * connections (Linux 32768, IANA 49152), so that no connection takes one by chance, nor meets itself. Each port comes
 * with that of a Redis Cluster's bus, 10000 above it.
 */
public final class ReservedPorts {
    private static final int FIRST = 11_000;
    private static final int COUNT = 9_000;
    private static final int TO_BUS = 10_000;

    private ReservedPorts() {}

    /**
     * A port on which nobody listens, never given to anybody else as long as this process lives.
     *
     * @throws IllegalStateException if all 9000 are taken
     */
    public static int reserve() {
        int start = ThreadLocalRandom.current().nextInt(COUNT);
        for (int i = 0; i < COUNT; i++) {
            int candidate = FIRST + (start + i) % COUNT;
            if (tryReserve(candidate)) {
                return candidate;
            }
        }
        throw new IllegalStateException("no port is free from " + FIRST + " to " + (FIRST + COUNT - 1));
    }

    /** False if it was given to somebody before, or anybody listens on it or on its bus' port. */
    static boolean tryReserve(int port) {
        try {
            FileLock lock = Locks.FILE.tryLock(port, 1, false);
            if (lock == null) {
                return false; // Another process has it.
            }
            if (isFree(port) && isFree(port + TO_BUS)) {
                return true;
            }
            lock.release();
            return false;
        } catch (OverlappingFileLockException e) {
            return false; // This process has it.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static final class Locks {
        /** Never closed: that would give up all locks that this process holds on the file. */
        static final FileChannel FILE = open();

        private static FileChannel open() {
            Path file = Path.of(
                    System.getProperty("java.io.tmpdir"), "sluice-test-ports-" + System.getProperty("user.name"));
            try {
                return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

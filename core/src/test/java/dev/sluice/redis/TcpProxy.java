package dev.sluice.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A network that fails on demand, between a client and a server on this machine: cuts, swallowed replies, silence, delay.
 * Thread-safe; faults apply to all connections from the moment they are set.
 */
public final class TcpProxy implements AutoCloseable {
    private final int targetPort;
    private final int port = ReservedPorts.reserve();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger repliesToDrop = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile long delayNanos;
    private volatile ServerSocket server;

    private TcpProxy(int targetPort) {
        this.targetPort = targetPort;
        this.server = listen(port);
        acceptFrom(server);
    }

    /** Listens on a loopback port of its own and passes everything on to {@code targetPort}. */
    public static TcpProxy to(int targetPort) {
        return new TcpProxy(targetPort);
    }

    public int port() {
        return port;
    }

    /** How many connections were accepted since the start. */
    public int accepted() {
        return accepted.get();
    }

    /** Closes all connections at once; new ones are accepted. */
    public void cut() {
        sockets.forEach(TcpProxy::closeQuietly);
    }

    /** Refuses new connections and cuts the old ones. */
    public void refuse() {
        closeQuietly(server);
        cut();
    }

    /** Accepts connections again, on the same port. */
    public void accept() {
        server = listen(port);
        acceptFrom(server);
    }

    /** Swallows the next bytes that the server sends and cuts that connection: the request was executed, nobody knows. */
    public void dropNextReply() {
        repliesToDrop.incrementAndGet();
    }

    /** Passes nothing on in either direction, and keeps all connections open. */
    public void hold() {
        gate = new CountDownLatch(1);
    }

    /** Passes on what was held, and everything after it. */
    public void release() {
        gate.countDown();
    }

    /** Holds each piece up for so long, in each direction. */
    public void delay(Duration each) {
        delayNanos = each.toNanos();
    }

    @Override
    public void close() {
        refuse();
        release();
    }

    private static ServerSocket listen(int port) {
        try {
            var socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void acceptFrom(ServerSocket listening) {
        Thread.ofVirtual().name("proxy-accept").start(() -> {
            while (!listening.isClosed()) {
                try {
                    connect(listening.accept());
                } catch (IOException e) {
                    // Closed on purpose, or the target is down: the client sees its connection closed.
                }
            }
        });
    }

    private void connect(Socket client) throws IOException {
        accepted.incrementAndGet();
        Socket upstream;
        try {
            upstream = new Socket(InetAddress.getLoopbackAddress(), targetPort);
        } catch (IOException e) {
            closeQuietly(client);
            throw e;
        }
        sockets.add(client);
        sockets.add(upstream);
        Thread.ofVirtual().name("proxy-request").start(() -> pump(client, upstream, false));
        Thread.ofVirtual().name("proxy-reply").start(() -> pump(upstream, client, true));
    }

    private void pump(Socket from, Socket to, boolean replies) {
        byte[] buffer = new byte[16 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (replies && repliesToDrop.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    return;
                }
                if (delayNanos > 0) {
                    LockSupport.parkNanos(delayNanos);
                }
                gate.await();
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // One side is gone; closing the other tells it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            // Closed already.
        }
    }
}

package dev.sluice.server.gateway;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one body, kept until its call has ended: in memory while few, else in a file. Used on one event loop, which it
 * never blocks.
 *
 * <p>The file is opened with delete-on-close, which on POSIX systems unlinks it right after opening: even a killed process
 * leaves nothing.
 */
final class Spool implements Outgoing {
    private static final OpenOptions NAMELESS = new OpenOptions()
            .setRead(true)
            .setWrite(true)
            .setCreateNew(true)
            .setDeleteOnClose(true)
            .setPerms("rw-------");

    private final Vertx vertx;
    private final SpoolSettings settings;
    private final SpoolBudget budget;

    private Buffer memory = Buffer.buffer();
    private long memoryTaken;
    private long length;
    private @Nullable AsyncFile file;
    private boolean opening;
    private int writing;
    private @Nullable Throwable failure;
    private @Nullable Promise<Void> sealed;
    private Runnable onRoom = () -> {};
    private boolean closed;

    Spool(Vertx vertx, SpoolSettings settings, SpoolBudget budget) {
        this.vertx = vertx;
        this.settings = settings;
        this.budget = budget;
    }

    /**
     * Keeps a chunk.
     *
     * @throws Refusal if it is one too many
     */
    void append(Buffer chunk) {
        if (length + chunk.length() > settings.upload()) {
            throw Refusal.tooLarge("a body is at most " + settings.upload() + " bytes");
        }
        if (!budget.tryTake(chunk.length())) {
            throw Refusal.tooLarge("too many uploads at once");
        }
        length += chunk.length();
        if (file != null) {
            write(file, chunk);
        } else if (opening || fitsMemory(chunk)) {
            memory.appendBuffer(chunk);
        } else {
            memory.appendBuffer(chunk);
            moveToFile();
        }
    }

    /** Whether the sender of the chunks should pause. */
    boolean isFull() {
        return opening || (file != null && file.writeQueueFull());
    }

    /** Runs {@code resume} once when there is room again. */
    void whenRoom(Runnable resume) {
        onRoom = resume;
    }

    /** Completes when all that was appended can be read. */
    Future<Void> seal() {
        Promise<Void> promise = Promise.promise();
        sealed = promise;
        settle();
        return promise.future();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Optional<Buffer> memory() {
        return file == null ? Optional.of(memory) : Optional.empty();
    }

    @Override
    public Future<Buffer> read(long position, int wanted) {
        AsyncFile open = file;
        return open == null
                ? Outgoing.of(memory).read(position, wanted)
                : open.read(Buffer.buffer(wanted), 0, position, (int) Math.min(wanted, length - position));
    }

    /** Lets go of everything. Later calls change nothing. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        budget.giveBack(length);
        forgetMemory();
        AsyncFile open = file;
        if (open != null) {
            open.close();
        }
    }

    private boolean fitsMemory(Buffer chunk) {
        if (memory.length() + chunk.length() > settings.memoryPerCall() || !budget.tryTakeMemory(chunk.length())) {
            return false;
        }
        memoryTaken += chunk.length();
        return true;
    }

    private void moveToFile() {
        opening = true;
        String name =
                settings.directory().resolve("sluice-" + UUID.randomUUID()).toString();
        vertx.fileSystem().open(name, NAMELESS).onComplete(opened -> {
            opening = false;
            if (opened.failed()) {
                failure = opened.cause();
            } else if (closed) {
                opened.result().close();
            } else {
                AsyncFile open = opened.result();
                file = open;
                open.drainHandler(drained -> announceRoom());
                write(open, memory);
                forgetMemory();
            }
            announceRoom();
            settle();
        });
    }

    private void write(AsyncFile open, Buffer chunk) {
        writing++;
        open.write(chunk).onComplete(written -> {
            writing--;
            if (written.failed()) {
                failure = written.cause();
            }
            settle();
        });
    }

    private void announceRoom() {
        if (closed) {
            return; // nobody waits any more, and a closed file cannot be asked
        }
        if (failure != null || !isFull()) {
            Runnable resume = onRoom;
            onRoom = () -> {};
            resume.run();
        }
    }

    private void settle() {
        Promise<Void> waiting = sealed;
        if (waiting == null || opening || (writing > 0 && failure == null)) {
            return;
        }
        sealed = null;
        if (failure == null) {
            waiting.complete();
        } else {
            waiting.fail(failure);
        }
    }

    private void forgetMemory() {
        memory = Buffer.buffer(0);
        budget.giveBackMemory(memoryTaken);
        memoryTaken = 0;
    }
}

package dev.sluice.simulator;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Files of all bots, the oldest going when their bytes are too many. Thread-safe; one lock, taken only by calls with files. */
final class FileStore {
    private static final int OVERHEAD_BYTES = 512; // so that files without bytes are bounded, too

    private record ByPath(long bot, String path) {}

    private final SharedBound bound;
    private final Map<String, StoredFile> byId = new LinkedHashMap<>();
    private final Map<ByPath, StoredFile> byPath = new HashMap<>();
    private final Map<String, ByPath> pathOfId = new HashMap<>();
    private long last;

    FileStore(long mostBytes) {
        this.bound = new SharedBound(mostBytes);
    }

    /** @param folder first part of the path, such as {@code photos} */
    synchronized StoredFile put(long bot, String folder, UploadedFile upload) {
        long number = ++last;
        String name = upload.fileName();
        int dot = name.lastIndexOf('.');
        String extension = dot > 0 && name.substring(dot + 1).matches("[A-Za-z0-9]{1,8}") ? name.substring(dot) : "";
        StoredFile file = new StoredFile(
                "AgACAgIAAx" + encoded(folder + ":" + bot + ":" + number),
                "AQAD" + encoded("u" + number),
                folder + "/file_" + number + extension,
                name,
                upload.contentType(),
                upload.bytes());
        ByPath key = new ByPath(bot, file.path());
        byId.put(file.id(), file);
        byPath.put(key, file);
        pathOfId.put(file.id(), key);
        bound.take(size(file));
        dropOldest();
        return file;
    }

    synchronized Optional<StoredFile> byId(long bot, String id) {
        ByPath key = pathOfId.get(id);
        return key == null || key.bot() != bot ? Optional.empty() : Optional.ofNullable(byId.get(id));
    }

    synchronized Optional<StoredFile> byPath(long bot, String path) {
        return Optional.ofNullable(byPath.get(new ByPath(bot, path)));
    }

    private void dropOldest() {
        Iterator<StoredFile> oldest = byId.values().iterator();
        while (bound.isOver() && byId.size() > 1) {
            StoredFile file = oldest.next();
            oldest.remove();
            ByPath key = pathOfId.remove(file.id());
            if (key != null) {
                byPath.remove(key);
            }
            bound.giveBack(size(file));
        }
    }

    private static long size(StoredFile file) {
        return (long) file.bytes().length + OVERHEAD_BYTES;
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}

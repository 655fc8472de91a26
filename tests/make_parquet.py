"""DuckDB's own SQL from Python, through the C library that firn links (.deps/duckdb): makes Parquet files of any shape, and is a peer.

    duckdb = DuckDB()
    duckdb.write("SELECT 1 AS id, 'x' AS name", path)
    duckdb.rows("SELECT * FROM read_parquet('...')")     # a list of tuples of texts; None is NULL
"""
import ctypes
import pathlib

LIBRARY = pathlib.Path(__file__).resolve().parents[1] / ".deps" / "duckdb" / "lib" / "libduckdb.so"


class _Result(ctypes.Structure):
    _fields_ = [("columns", ctypes.c_uint64), ("rows", ctypes.c_uint64), ("changed", ctypes.c_uint64),
                ("column_list", ctypes.c_void_p), ("error", ctypes.c_char_p), ("internal", ctypes.c_void_p)]


def _load():
    if not LIBRARY.exists():
        raise RuntimeError(f"{LIBRARY} is missing: scripts/setup.sh build fetches it")
    library = ctypes.CDLL(str(LIBRARY))
    library.duckdb_result_error.restype = ctypes.c_char_p
    library.duckdb_value_varchar.restype = ctypes.c_void_p
    for name in ("duckdb_column_count", "duckdb_row_count"):
        getattr(library, name).restype = ctypes.c_uint64
    for name in ("duckdb_value_varchar", "duckdb_value_is_null"):
        getattr(library, name).argtypes = [ctypes.POINTER(_Result), ctypes.c_uint64, ctypes.c_uint64]
    library.duckdb_value_is_null.restype = ctypes.c_bool
    library.duckdb_free.argtypes = [ctypes.c_void_p]
    return library


class DuckDB:
    def __init__(self):
        self.library = _load()
        self.database, self.connection = ctypes.c_void_p(), ctypes.c_void_p()
        if self.library.duckdb_open(None, ctypes.byref(self.database)) or self.library.duckdb_connect(self.database, ctypes.byref(self.connection)):
            raise RuntimeError("DuckDB does not open a database in memory")
        self.rows("SET threads = 2")
        self.rows("SET TimeZone = 'UTC'")

    def write(self, select, path, options=""):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        quoted = str(path).replace("'", "''")
        self.rows(f"COPY ({select}) TO '{quoted}' (FORMAT parquet{options})")
        return path

    def rows(self, sql):
        if sql.startswith("SELECT "):
            sql = f"SELECT COLUMNS(*)::VARCHAR FROM ({sql})"  # the C function below knows no nested values
        result = _Result()
        try:
            if self.library.duckdb_query(self.connection, sql.encode(), ctypes.byref(result)):
                raise RuntimeError(f"{self.library.duckdb_result_error(ctypes.byref(result)).decode()}\n{sql}")
            columns, rows = (count(ctypes.byref(result)) for count in (self.library.duckdb_column_count, self.library.duckdb_row_count))
            return [tuple(self._value(result, column, row) for column in range(columns)) for row in range(rows)]
        finally:
            self.library.duckdb_destroy_result(ctypes.byref(result))

    def _value(self, result, column, row):
        if self.library.duckdb_value_is_null(ctypes.byref(result), column, row):
            return None
        text = self.library.duckdb_value_varchar(ctypes.byref(result), column, row)
        try:
            return ctypes.string_at(text).decode()
        finally:
            self.library.duckdb_free(text)

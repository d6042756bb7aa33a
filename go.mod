module github.com/pgrun/pgrun

go 1.26

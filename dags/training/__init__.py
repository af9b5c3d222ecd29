"""From simulated card transactions to the model folder that fraud-model serves.

Every module is importable pure Python without a server: simulator makes the data, features computes
the columns, protocol cuts out the weeks, train fits, metrics judges, model_folder writes and
proves.
"""
